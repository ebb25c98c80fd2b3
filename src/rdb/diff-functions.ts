/**
 * The function libraries of two snapshots, by name. They are few and small, so they are held.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { RdbString } from '../codec/rdb/events.ts'

export type FunctionDifference = {
  readonly kind: 'function'
  readonly library: string
  /** In which snapshot it is, where only one has it. */
  readonly in: 0 | 1 | undefined
  /** The first line that differs, from 1, and what it is in either; undefined: it ends before. */
  readonly line: number | undefined
  readonly first: ByteString | undefined
  readonly second: ByteString | undefined
}

export class LibraryBook {
  readonly #libraries: [Map<string, string>, Map<string, string>] = [new Map(), new Map()]

  add(which: 0 | 1, code: RdbString): void {
    const text = typeof code === 'string' ? code : `${code.preview} ${code.bytes} ${code.hash}`
    this.#libraries[which].set(libraryName(text), text)
  }

  *differences(): Generator<FunctionDifference> {
    const [first, second] = this.#libraries
    for (const [library, code] of first) {
      const other = second.get(library)
      if (other === undefined) yield only(library, 0)
      else if (other !== code) yield between(library, code.split('\n'), other.split('\n'))
    }
    for (const library of second.keys()) if (!first.has(library)) yield only(library, 1)
  }
}

/**
 * As the first line says: `#!lua name=LIBRARY`. Before the release of 7.0 it said nothing: then that line
 * itself.
 */
export function libraryName(code: string): string {
  const line = code.split('\n', 1)[0]!
  return /\bname=(\S+)/.exec(line)?.[1] ?? line
}

function only(library: string, which: 0 | 1): FunctionDifference {
  return { kind: 'function', library, in: which, line: undefined, first: undefined, second: undefined }
}

function between(library: string, first: string[], second: string[]): FunctionDifference {
  let at = 0
  while (first[at] === second[at]) at++
  const line = (lines: string[]) => lines[at] as ByteString | undefined
  return { kind: 'function', library, in: undefined, line: at + 1, first: line(first), second: line(second) }
}
