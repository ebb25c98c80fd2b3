/**
 * Resumable: a grammar written as one generator becomes a push decoder.
 *
 *   push(chunk) ─► ByteSource ─► program ──emit──► callbacks
 *                                  │ yield: a primitive declined, resume me when `need` bytes are here
 *
 * The program is suspended in one situation only: too few bytes. The idiom, everywhere the same:
 *
 *   let n: number | undefined
 *   while ((n = src.u8()) === undefined) yield
 *
 * Emit only after the last read of a step: a step that declines is run again from its first read.
 *
 * This is also the one place where a Malformed is caught. It becomes a Fault with its absolute position;
 * after that the decoder only counts.
 */
import { ByteSource } from './byte-source.ts'

export type Program = Generator<void, void, void>

/** The bytes of the peer break the grammar. Thrown by codecs, caught here and nowhere else. */
export class Malformed extends Error {
  readonly code: string
  /** Absolute position of the offending byte where it is not the next unread one. */
  readonly position: number | undefined

  /** @param code AREA_WHAT, for programs: `RESP_BAD_LENGTH`. @param detail for people, printable ASCII. */
  constructor(code: string, detail: string, position?: number) {
    super(detail)
    this.code = code
    this.position = position
  }
}

export type DecodeFault = { readonly code: string; readonly detail: string; readonly position: number }

export type Decoder = {
  /** Feeds bytes. They are borrowed until push returns. Never throws for what the bytes say. */
  push(chunk: Buffer): void
  /** No more bytes will come. */
  end(): void
}

export class Resumable implements Decoder {
  readonly source = new ByteSource()
  /** `done`: the program has returned; what follows its last byte is unread in `source`. */
  state: 'running' | 'done' | 'faulty' = 'running'
  #program: Program
  readonly #onFault: (fault: DecodeFault) => void

  constructor(program: (source: ByteSource) => Program, onFault: (fault: DecodeFault) => void) {
    this.#program = program(this.source)
    this.#onFault = onFault
    this.source.need = 0
    this.#resume()
  }

  push(chunk: Buffer): void {
    const source = this.source
    if (this.state === 'faulty') {
      source.skip(chunk.length)
      return
    }
    source.push(chunk)
    do {
      if (this.state === 'running' && source.available >= source.need) this.#resume()
    } while (source.refill())
    source.release()
  }

  /** Goes on with another program from the next byte that comes; what was unread is dropped. */
  restart(program: (source: ByteSource) => Program): void {
    this.source.skip()
    this.source.need = 0
    this.state = 'running'
    this.#program = program(this.source)
    this.#resume()
  }

  end(): void {
    if (this.source.ended) return
    this.source.ended = true
    if (this.state === 'running') this.#resume()
    if (this.state === 'running') {
      this.#fail('INPUT_TRUNCATED', 'the input ends in the middle of a value', this.source.position)
    }
  }

  #resume(): void {
    try {
      if (this.#program.next().done) this.state = 'done'
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.#fail(error.code, error.message, error.position ?? this.source.position)
    }
  }

  #fail(code: string, detail: string, position: number): void {
    this.state = 'faulty'
    this.source.skip()
    this.#onFault({ code, detail, position })
  }
}
