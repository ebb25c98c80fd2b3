/**
 * A capture file of any kind, recognised by its first bytes: the one decoder that callers need.
 *
 * Gzip is recognised and refused: unzipping belongs to whoever opens the file.
 */
import type { Decoder } from '../../bytes/resumable.ts'
import type { EmitCapture } from './capture-event.ts'
import { captureFormat, FORMAT_BYTES } from './capture-format.ts'
import { decodePcap } from './pcap.ts'
import { decodePcapng } from './pcapng.ts'

/**
 * A decoder of a pcap or pcapng file. Never throws for what the bytes say: `fault` is the last event then.
 */
export function decodeCapture(emit: EmitCapture): Decoder {
  return new SniffingDecoder(emit)
}

class SniffingDecoder implements Decoder {
  readonly #emit: EmitCapture
  #first = Buffer.alloc(0)
  #decoder: Decoder | undefined

  constructor(emit: EmitCapture) {
    this.#emit = emit
  }

  push(chunk: Buffer): void {
    if (this.#decoder !== undefined) {
      this.#decoder.push(chunk)
      return
    }
    const missing = FORMAT_BYTES - this.#first.length
    this.#first = Buffer.concat([this.#first, chunk.subarray(0, missing)])
    if (this.#first.length < FORMAT_BYTES) return
    this.#decoder = this.#choose()
    this.#decoder.push(this.#first)
    if (chunk.length > missing) this.#decoder.push(chunk.subarray(missing))
  }

  end(): void {
    this.#decoder ??= this.#choose()
    this.#decoder.end()
  }

  #choose(): Decoder {
    const found = captureFormat(this.#first)
    if (found.format === 'pcap') return decodePcap(this.#emit)
    if (found.format === 'pcapng') return decodePcapng(this.#emit)
    const looksLike = found.format === 'unknown' ? found.looksLike : 'gzip (unzip it first)'
    const detail = `not a capture file; it looks like ${looksLike}`
    this.#emit({ kind: 'fault', code: 'CAPTURE_UNKNOWN_FORMAT', detail, position: 0 })
    return { push() {}, end() {} }
  }
}
