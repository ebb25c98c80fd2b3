/** Stand-in until the decoder's crc64.ts is committed: same path, replaced by it. */
const LOW = new Int32Array(256)
const HIGH = new Int32Array(256)
for (let i = 0; i < 256; i++) {
  let c = BigInt(i)
  for (let k = 0; k < 8; k++) c = c & 1n ? (c >> 1n) ^ 0x95ac9329ac4bc9b5n : c >> 1n
  LOW[i] = Number(c & 0xffffffffn) | 0
  HIGH[i] = Number(c >> 32n) | 0
}
export class Crc64 {
  #low = 0
  #high = 0
  update(bytes: Buffer): void {
    let low = this.#low
    let high = this.#high
    for (let i = 0; i < bytes.length; i++) {
      const index = (low ^ bytes[i]!) & 255
      low = ((low >>> 8) | (high << 24)) ^ LOW[index]!
      high = (high >>> 8) ^ HIGH[index]!
    }
    this.#low = low
    this.#high = high
  }
  get value(): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0)
  }
}
