/** Runs a snapshot through KeyJson in memory: the lines it writes, and what it says of the end. */
import { EVERY_KEY, KeyFilter, type KeyFilterOptions } from '../../src/rdb/key-filter.ts'
import { KeyJson } from '../../src/rdb/key-json.ts'
import type { Keep } from '../../src/rdb/value-decoder.ts'
import type { Json } from '../support/rdb-document.ts'

/** What waits outside of memory, in memory; `open` counts those that nobody has closed. */
export class KeepInMemory implements Keep {
  static open = 0
  static made = 0
  #blocks: Buffer[] = []
  length = 0

  constructor() {
    KeepInMemory.open++
    KeepInMemory.made++
  }

  append(bytes: Buffer): void {
    this.#blocks.push(Buffer.from(bytes))
    this.length += bytes.length
  }

  *blocks(start = 0): Iterable<Buffer> {
    const all = Buffer.concat(this.#blocks)
    for (let at = start; at < all.length; at += 3000) yield all.subarray(at, at + 3000)
  }

  close(): void {
    KeepInMemory.open--
  }
}

export type JsonRun = { readonly text: string; readonly records: Json[]; readonly json: KeyJson }

/** @param pieces the snapshot; each is overwritten after it was pushed, for it is borrowed */
export async function jsonOf(
  pieces: readonly Buffer[],
  options: Partial<KeyFilterOptions> = {},
  limit = Number.POSITIVE_INFINITY,
): Promise<JsonRun> {
  const filter = new KeyFilter({ ...EVERY_KEY, ...options })
  const json = new KeyJson({ filter, limit, keep: () => new KeepInMemory() })
  const blocks: Buffer[] = []
  const write = async (block: Buffer) => {
    blocks.push(Buffer.from(block))
  }
  for (const piece of pieces) {
    if (!json.isRunning) break
    const borrowed = Buffer.from(piece)
    json.push(borrowed)
    borrowed.fill(0xdb)
    await json.flush(write)
  }
  json.finish()
  await json.flush(write, true)
  const text = Buffer.concat(blocks).toString('utf8')
  const lines = text === '' ? [] : text.trimEnd().split('\n')
  return { text, records: json.fault === undefined ? lines.map((line) => JSON.parse(line)) : [], json }
}

/** The bytes that a JSON value stands for, as a latin1 string. */
export function bytesOf(value: Json): string {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('latin1')
  return Buffer.from(value.b64, 'base64').toString('latin1')
}

/** The fields of a hash in either form, as [field, value, expireAt or null]. */
export function fieldsOf(value: Json): Json[] {
  if (!Array.isArray(value)) {
    return Object.entries(value).map(([field, of]) => [bytesOf(field), bytesOf(of), null])
  }
  return value.map(({ field, value: of, expireAt }) => [bytesOf(field), bytesOf(of), expireAt ?? null])
}
