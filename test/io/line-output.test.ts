/** What LineOutput does to a terminal: no line of progress that wraps, no write that waits. */
import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { LineOutput } from '../../src/io/line-output.ts'

class Terminal extends Writable {
  readonly isTTY = true
  readonly columns = 20
  readonly blocking: boolean[] = []
  readonly _handle = { setBlocking: (on: boolean) => this.blocking.push(on) }
  text = ''

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

it('cuts the progress to the width of the terminal, so that it can be replaced', () => {
  const terminal = new Terminal()
  const output = new LineOutput(terminal)
  output.progress('▕'.repeat(50))
  output.line('a line that is longer than the terminal is wide')
  output.progress(undefined)
  const progress = '▕'.repeat(19)
  const line = 'a line that is longer than the terminal is wide\n'
  expect(terminal.text).toBe(`${progress}\r\x1b[2K${line}${progress}\r\x1b[2K`)
})

it('asks a terminal not to block: one that is stopped must not stop the links', () => {
  const terminal = new Terminal()
  new LineOutput(terminal)
  expect(terminal.blocking).toEqual([false])
})
