/**
 * Score: all chapters of a link, and which of them answers a PSYNC.
 *
 *   PSYNC <a recorded id> <an offset within its chapter>   +CONTINUE, from there on
 *   anything else                                          +FULLRESYNC: the chapter that is next
 *
 * One chapter is next until it has been played to its end; the last stays.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Asked } from '../replication/events.ts'
import type { Chapter } from './chapters.ts'
import { Rendition, type RenditionOptions } from './rendition.ts'

export type Answer = { readonly line: string; readonly rendition: Rendition }

export class Score {
  readonly chapters: readonly Chapter[]
  #next = 0

  /** @param chapters at least one */
  constructor(chapters: readonly Chapter[]) {
    this.chapters = chapters
  }

  /**
   * @param asked undefined for an old SYNC, which gets no line
   * @param options of the rendition, if it begins with a snapshot
   */
  answer(asked: Asked | undefined, options: RenditionOptions): Answer {
    const wanted = asked === undefined || asked.offset < 1 ? undefined : asked.offset - 1
    const known = this.chapters.findIndex(
      (chapter, i) =>
        wanted !== undefined && holds(chapter, asked!.replid, wanted) && !this.#isPast(i, wanted),
    )
    if (known >= 0) {
      this.#next = known
      return { line: '+CONTINUE\r\n', rendition: new Rendition(this.chapters[known]!, wanted) }
    }
    const chapter = this.chapters[this.#next]!
    const line = asked === undefined ? '' : `+FULLRESYNC ${chapter.replids[0]} ${chapter.from}\r\n`
    return { line, rendition: new Rendition(chapter, undefined, options) }
  }

  /** A chapter has been played to its end: the next one begins with a new connection. */
  finished(chapter: Chapter): void {
    this.#next = Math.min(this.chapters.indexOf(chapter) + 1, this.chapters.length - 1)
  }

  /** Who has all of a chapter is given the next one. */
  #isPast(index: number, offset: number): boolean {
    return offset === this.chapters[index]!.to && index < this.chapters.length - 1
  }
}

function holds(chapter: Chapter, replid: ByteString, offset: number): boolean {
  return chapter.replids.includes(replid) && offset >= chapter.from && offset <= chapter.to
}
