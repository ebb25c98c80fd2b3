/**
 * IP addresses as people write them: 10.0.0.1, 2001:db8::1 (shortened as RFC 5952 says).
 * Here because codecs have no sockets, and Node's own conversions live with those.
 */

/** The text of 4 or 16 address bytes at `start`. */
export function addressText(bytes: Buffer, start: number, length: 4 | 16): string {
  if (length === 4) return bytes.subarray(start, start + 4).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(start + 2 * i))
  const [from, size] = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (size < 2) return hex.join(':')
  return `${hex.slice(0, from).join(':')}::${hex.slice(from + size).join(':')}`
}

/** 4 or 16 bytes of an address, or undefined where the text is none. A zone (`%eth0`) is left out. */
export function parseAddress(text: string): Buffer | undefined {
  const bare = text.replace(/%.*$/, '')
  return bare.includes(':') ? parseSix(bare) : parseFour(bare)
}

function parseFour(text: string): Buffer | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return Buffer.from(parts.map(Number))
}

function parseSix(text: string): Buffer | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (tail !== null) {
    const four = parseFour(tail[2]!)
    if (four === undefined) return undefined
    const low = `${four.readUInt16BE(0).toString(16)}:${four.readUInt16BE(2).toString(16)}`
    return parseSix(tail[1]! + low)
  }
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [left, right] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?]
  const missing = 8 - left.length - (right?.length ?? 0)
  if (right === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...left, ...new Array<string>(missing).fill('0'), ...(right ?? [])]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return Buffer.concat(groups.map((group) => Buffer.from(group.padStart(4, '0'), 'hex')))
}

function longestZeroRun(groups: readonly number[]): [from: number, size: number] {
  let from = 0
  let size = 0
  for (let start = 0; start < groups.length; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start > size) [from, size] = [start, end - start]
  }
  return [from, size]
}
