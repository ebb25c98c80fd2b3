/**
 * Which kind of file is this? Answered from its first bytes, because a pipe has no name.
 *
 *   1f 8b           gzip      unzip first; that is the business of whoever opens files
 *   0a 0d 0d 0a     pcapng    section header block
 *   a1 b2 c3 d4     pcap      microseconds, in either byte order
 *   a1 b2 3c 4d     pcap      nanoseconds, in either byte order
 *
 * For anything else the answer says what the bytes look like, so that the error can help.
 */
export type CaptureFormat =
  | { readonly format: 'gzip' | 'pcap' | 'pcapng' }
  | { readonly format: 'unknown'; readonly looksLike: string }

/** So many bytes are enough for an answer; fewer only at the end of a shorter file. */
export const FORMAT_BYTES = 4

const PCAP_MAGICS = ['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1']

/** Magics of other things that people hand to a decoder, as latin1 prefixes. */
const STRANGERS: readonly (readonly [prefix: string, looksLike: string])[] = [
  ['REDI', 'a Redis snapshot (try: syncscope rdb)'],
  ['VALK', 'a Valkey snapshot (try: syncscope rdb)'],
  ['\x28\xb5\x2f\xfd', 'a zstd file (decompress it first)'],
  ['\xfd7zX', 'an xz file (decompress it first)'],
  ['\x04\x22\x4d\x18', 'an lz4 file (decompress it first)'],
  ['BZh', 'a bzip2 file (decompress it first)'],
  ['PK\x03\x04', 'a zip archive'],
  ['snoo', 'a Solaris snoop capture (convert it: editcap -F pcap)'],
  ['\xa1\xb2\xcd\x34', "Kuznetzov's modified pcap (convert it: editcap -F pcap)"],
  ['\x34\xcd\xb2\xa1', "Kuznetzov's modified pcap (convert it: editcap -F pcap)"],
]

/** @param first the first FORMAT_BYTES bytes of the input, or all there are. */
export function captureFormat(first: Buffer): CaptureFormat {
  const magic = first.toString('hex', 0, FORMAT_BYTES)
  if (magic.startsWith('1f8b')) return { format: 'gzip' }
  if (magic === '0a0d0d0a') return { format: 'pcapng' }
  if (PCAP_MAGICS.includes(magic)) return { format: 'pcap' }
  return { format: 'unknown', looksLike: looksLike(first.toString('latin1', 0, FORMAT_BYTES), magic) }
}

function looksLike(start: string, hex: string): string {
  if (start.length === 0) return 'nothing: the input is empty'
  for (const [prefix, name] of STRANGERS) if (start.startsWith(prefix)) return name
  if (/^\*\d/.test(start)) return 'RESP commands, not packets'
  if (/^[\x20-\x7e\r\n\t]+$/.test(start)) return `text beginning with ${JSON.stringify(start)}`
  return `bytes ${hex.replace(/(..)(?=.)/g, '$1 ')}`
}
