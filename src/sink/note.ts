/**
 * Where the quiet explanation of a message stands.
 *
 *   #1   +0.6 ms  → PSYNC ? -1                         asks for everything      in a column of its own,
 *   where there is room
 *   #1   +0.6 ms  → PSYNC ? -1   asks for everything                            close behind on a
 *   narrower terminal
 *   #1   +0.6 ms  → PSYNC ? -1                                                  below on a narrow one: a
 *   line that wraps
 *                   asks for everything                                         is hard to read
 */
import type { Paint } from './palette.ts'

/** Notes begin in this column of the message where it is shorter. */
const COLUMN = 64
const GAP = 3
/** Link, time and direction stand before every message. */
const BEFORE = 22

/**
 * What is printed behind `text` to explain it.
 * @param columns width of the terminal; undefined where lines may have any length
 */
export function noted(text: string, note: string, paint: Paint, columns: number | undefined): string {
  if (note === '') return ''
  const width = text.replace(ESCAPE, '').length
  const gap = Math.max(GAP, COLUMN - width)
  const fits = (space: number) => columns === undefined || BEFORE + width + space + note.length <= columns
  if (fits(gap)) return `${' '.repeat(gap)}${paint(note)}`
  return fits(GAP) ? `${' '.repeat(GAP)}${paint(note)}` : `\n${' '.repeat(BEFORE)}${paint(note)}`
}

const ESCAPE = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')
