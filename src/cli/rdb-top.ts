/** `syncscope rdb top`: the largest keys, or the prefixes that take the most. */
import type { RdbHeader, RdbKeyEnd } from '../codec/rdb/events.ts'
import { BlockOutput } from '../io/block-output.ts'
import { openIfPlain } from '../io/seekable-file.ts'
import { Largest } from '../rdb/largest.ts'
import { named } from '../rdb/late-names.ts'
import { Prefixes } from '../rdb/prefixes.ts'
import { keyJson, keysText, prefixesText, prefixJson, topHeading } from '../rdb/top-text.ts'
import { type Palette, palette } from '../sink/palette.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from './rdb-options.ts'
import { complainOfDamage, readSnapshot } from './rdb-reading.ts'
import { isColoured } from './session-options.ts'

/** More would not be a top, and each holds its name. */
const ROWS_MAX = 10_000

export type TopArguments = {
  readonly files: readonly string[]
  readonly by: string
  readonly n: string
  readonly separator: string
  readonly depth: string
  readonly json: boolean
  readonly color: string
}

/** Gives a key its name, where it was read without. */
type Name = (end: RdbKeyEnd) => RdbKeyEnd

/** What is gathered of one file. */
type Ranking = {
  add(end: RdbKeyEnd): void
  text(whole: number, paint: Palette, name: Name): string
  json(name: Name): object[]
}

/** @returns the exit status @throws UsageError */
export async function runRdbTop(args: TopArguments): Promise<number> {
  const output = new BlockOutput()
  const paint = palette(isColoured(args.color))
  let status = 0
  for (const [index, file] of args.files.entries()) {
    const ranking = rankingOf(args)
    let whole = 0
    let keys = 0
    let header: RdbHeader | undefined
    const plain = args.by === 'prefix' ? undefined : openIfPlain(file)
    const add = (end: RdbKeyEnd) => {
      keys++
      whole += end.bytes
      ranking.add(end)
    }
    const reading = await readSnapshot(file, {
      detail: plain === undefined ? 'keys' : 'sizes',
      onEvent: (event) => {
        if (event.kind === 'header') header = event
        if (event.kind === 'key-end') add(event)
      },
      onRecord: (record) => add(record.keyEnd()),
    })
    const name: Name = (end) => (plain === undefined ? end : named(end, plain, header!))
    if (args.json) {
      const lines = ranking.json(name).map((row) => `${JSON.stringify(row)}\n`)
      await output.write(lines.join(''))
    } else {
      const text = `${topHeading(file, keys, whole, paint)}\n\n${ranking.text(whole, paint, name)}`
      await output.write(`${index > 0 ? '\n' : ''}${text}\n`)
    }
    plain?.close()
    if (complainOfDamage(file, reading)) status = 1
  }
  return status
}

function rankingOf({ by, n, separator, depth }: TopArguments): Ranking {
  const rows = positive('-n', n)
  if (rows > ROWS_MAX) throw new UsageError(`-n: at most ${ROWS_MAX}`)
  if (by === 'prefix') {
    if (separator === '') throw new UsageError('--separator: must not be empty')
    const prefixes = new Prefixes(separator, positive('--depth', depth))
    return {
      add: (end) => prefixes.add(end),
      text: (whole, paint) => prefixesText(prefixes, rows, whole, paint),
      json: () => prefixes.largest(rows).map(prefixJson),
    }
  }
  const largest = new Largest(rows, by === 'items' ? ({ items }) => items : ({ bytes }) => bytes)
  return {
    add: (end) => largest.add(end),
    text: (whole, paint, name) => keysText(largest.sorted().map(name), whole, paint),
    json: (name) => largest.sorted().map((end) => keyJson(name(end))),
  }
}

function positive(option: string, text: string): number {
  const value = wholeNumber(option, text)
  if (value === 0) throw new UsageError(`${option}: must be at least 1`)
  return value
}
