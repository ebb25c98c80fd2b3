/**
 * The book of histories: every byte that a master put on its stream, by replid and offset; and the judge of
 * what replicas have.
 *
 *   id a   1 ────────────────► 900                    written by the one server that made the id
 *   id b            └ 500 ──────────► 1200            b parts from a behind byte 500: up to there they
 *   are one
 *
 * Whoever relays must relay the bytes of the book. It is written from outside (what goes into a server's
 * backlog, and its id and offset at that moment), so it knows no rule of the server's own code but these: an
 * id has one author, and his bytes have no gaps.
 */
import type { ByteString } from '../../src/bytes/byte-string.ts'

const NO_ID = '0'.repeat(40)
const FIRST_BYTES = 4096

type Chapter = {
  readonly author: object
  readonly parent: string | undefined
  /** The last byte that it shares with its parent. */
  readonly start: number
  bytes: Buffer
  length: number
}

export type Place = {
  readonly replid: string
  readonly replid2: string
  readonly secondOffset: number
  readonly offset: number
}

export class HistoryBook {
  readonly #chapters = new Map<string, Chapter>()

  /** A server that is a master is here: its id is known from now on. @throws Error where it cannot be */
  note(author: object, { replid, replid2, secondOffset, offset }: Place): void {
    const known = this.#chapters.get(replid)
    if (known !== undefined) {
      if (known.author !== author) throw new Error(`two masters write under the id ${short(replid)}`)
      return
    }
    const parent = replid2 === NO_ID ? undefined : replid2
    // It is seen before its first byte: up to there, and not a byte further, it is what it was before.
    if (parent !== undefined && secondOffset !== offset + 1) {
      throw new Error(
        `${short(replid)} begins behind byte ${offset}, and shares bytes up to ${secondOffset - 1}`,
      )
    }
    const bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
    this.#chapters.set(replid, { author, parent, start: offset, bytes, length: 0 })
  }

  /** A master adds to its stream. */
  write(author: object, place: Place, piece: ByteString | Buffer): void {
    this.note(author, place)
    const chapter = this.#chapters.get(place.replid)!
    const end = chapter.start + chapter.length
    if (place.offset !== end) {
      throw new Error(`a gap in ${short(place.replid)}: byte ${place.offset + 1} comes behind byte ${end}`)
    }
    const length = chapter.length + piece.length
    if (length > chapter.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * length)
      chapter.bytes.copy(larger, 0, 0, chapter.length)
      chapter.bytes = larger
    }
    if (typeof piece === 'string') chapter.bytes.write(piece, chapter.length, 'latin1')
    else piece.copy(chapter.bytes, chapter.length)
    chapter.length = length
  }

  /** A replica passes on what it applied, behind `offset`. @throws Error where its master never sent that */
  compare({ replid, offset }: Place, piece: ByteString | Buffer): void {
    const got = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece
    for (let done = 0; done < got.length; ) {
      const at = offset + done
      const found = this.#find(replid, at)
      if (found === undefined) throw new Error(`byte ${at + 1} of ${short(replid)} was never sent`)
      const { chapter, end } = found
      const count = Math.min(got.length - done, end - at)
      const from = at - chapter.start
      if (got.compare(chapter.bytes, from, from + count, done, done + count) !== 0) {
        const [is, was] = [got.subarray(done, done + count), chapter.bytes.subarray(from, from + count)]
        throw new Error(
          `behind byte ${at} of ${short(replid)} came ${shown(is)}, and its master sent ${shown(was)}`,
        )
      }
      done += count
    }
  }

  /** The last byte of a history; undefined for an id that no master has. */
  endOf(replid: string): number | undefined {
    const chapter = this.#chapters.get(replid)
    return chapter === undefined ? undefined : chapter.start + chapter.length
  }

  /** The chapter with byte number `at` + 1, and the last byte that can be taken from it. */
  #find(replid: string, at: number): { chapter: Chapter; end: number } | undefined {
    let end = Number.POSITIVE_INFINITY
    for (let id: string | undefined = replid; id !== undefined; ) {
      const chapter = this.#chapters.get(id)
      if (chapter === undefined) return undefined
      end = Math.min(end, chapter.start + chapter.length)
      if (at >= chapter.start) return at < end ? { chapter, end } : undefined
      end = chapter.start
      id = chapter.parent
    }
    return undefined
  }
}

export function short(replid: string): string {
  return replid.slice(0, 6)
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.subarray(0, 60).toString('latin1'))
}
