/**
 * A tour of a server with somebody else's client: what came of each step, to be compared between a real
 * Redis and the reference.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../../support/real-redis.ts'

/** A step that takes longer hangs. */
const STEP_MS = 8000

export class Tour {
  readonly told: string[] = []

  /** Notes what a step gave, or how it failed. */
  async step(name: string, run: () => unknown): Promise<void> {
    try {
      this.told.push(`${name}: ${shown(await inTime(run))}`)
    } catch (error) {
      this.told.push(`${name} failed: ${(error as Error).message}`)
    }
  }

  /** The same, where the order of elements is that of a hash table. */
  async unordered(name: string, run: () => Promise<Iterable<unknown>>): Promise<void> {
    await this.step(name, async () => [...(await run())].map(shown).sort())
  }
}

async function inTime(run: () => unknown): Promise<unknown> {
  const end = new AbortController()
  const late = sleep(STEP_MS, undefined, { signal: end.signal }).then(() => {
    throw new Error('no answer')
  })
  late.catch(() => {})
  try {
    return await Promise.race([run(), late])
  } finally {
    end.abort()
  }
}

function shown(value: unknown): string {
  return JSON.stringify(plain(value)) ?? 'undefined'
}

/** Maps, sets, buffers and null-prototype objects as JSON can say them. */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return { hex: value.toString('hex') }
  if (value instanceof Error) return { error: value.message }
  if (value instanceof Map) return { map: [...value].map(plain) }
  if (value instanceof Set) return { set: [...value].map(shown).sort() }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
  }
  return value
}

/** Resolves when `test` holds. */
export async function until(test: () => boolean): Promise<void> {
  await waitFor(test, { timeoutMs: 5000, what: 'a step of the tour' })
}
