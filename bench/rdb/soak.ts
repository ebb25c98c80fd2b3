/**
 * Memory is constant for any key: a snapshot of four monstrous keys, made while it is decoded.
 *
 *   node --import tsx bench/rdb/soak.ts [sizes|keys|elements]
 *
 * A string of 2 GB, one of 504 MB that is compressed to 6 MB, a sorted set of ten million members, and a
 * set packed into one listpack of 299 MB. Prints what was seen, and fails where the resident memory passes
 * 150 MB.
 */
import { RdbDecoder } from '../../src/codec/rdb/decode.ts'
import type { RdbDetail } from '../../src/codec/rdb/walk.ts'

const RSS_MAX_MB = 150
const MB = 1024 * 1024

const detail = (process.argv[2] ?? 'elements') as RdbDetail
let events = 0
const decoder = new RdbDecoder({
  detail,
  onEvent(event) {
    events++
    if (event.kind === 'key-end') say(`${event.of.type} of ${event.items} items, ${event.bytes} bytes`)
    if (event.kind === 'string') say(JSON.stringify(event.value))
  },
  onFault(fault) {
    say(`fault: ${fault.detail} at ${fault.position}`)
    process.exitCode = 1
  },
})

const begun = performance.now()
decoder.push(Buffer.from('REDIS0011'))
plainString(2048)
compressedString(200)
sortedSet(10_000_000)
packedSet(340)
decoder.push(Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0]))
decoder.end()
const rss = Math.round(process.resourceUsage().maxRSS / 1024)
say(`${events} events in ${Math.round(performance.now() - begun)} ms, at most ${rss} MB resident`)
if (rss > RSS_MAX_MB) process.exitCode = 1

function plainString(megabytes: number): void {
  begin(0, 'plain', length(megabytes * MB))
  const chunk = Buffer.alloc(MB, 'x')
  for (let i = 0; i < megabytes; i++) decoder.push(chunk)
}

function compressedString(chunks: number): void {
  // Two literal bytes, then a reference of 264 bytes again and again.
  const references = 10_000
  const many = Buffer.alloc(3 * references, Buffer.from([0xe0, 255, 1]))
  const packed = 3 + many.length * chunks
  begin(0, 'compressed', Buffer.from([0xc3]), length(packed), length(2 + 264 * references * chunks))
  decoder.push(Buffer.from([1, 97, 98]))
  for (let i = 0; i < chunks; i++) decoder.push(many)
}

function sortedSet(members: number): void {
  begin(5, 'sorted', length(members))
  const chunk = Buffer.alloc(MB)
  let at = 0
  for (let i = 0; i < members; i++) {
    const size = chunk.write(`member:${i}`, at + 1, 'latin1')
    chunk[at] = size
    at = chunk.writeDoubleLE(i * 1.5, at + 1 + size)
    if (at > MB - 64) {
      decoder.push(chunk.subarray(0, at))
      at = 0
    }
  }
  decoder.push(chunk.subarray(0, at))
}

function packedSet(chunks: number): void {
  const element = Buffer.concat([Buffer.from([0x80 | 20]), Buffer.alloc(20, 'y'), Buffer.from([21])])
  const chunk = Buffer.alloc(element.length * 40_000, element)
  const header = Buffer.alloc(6)
  header.writeUInt32LE(header.length + chunk.length * chunks + 1, 0)
  header.writeUInt16LE(65535, 4)
  begin(20, 'packed', length(header.readUInt32LE(0)), header)
  for (let i = 0; i < chunks; i++) decoder.push(chunk)
  decoder.push(Buffer.from([0xff]))
}

function begin(type: number, key: string, ...rest: Buffer[]): void {
  decoder.push(Buffer.concat([Buffer.from([type, key.length]), Buffer.from(key), ...rest]))
}

/** A length in its 64-bit form. */
function length(value: number): Buffer {
  const bytes = Buffer.alloc(9)
  bytes[0] = 0x81
  bytes.writeBigUInt64BE(BigInt(value), 1)
  return bytes
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
