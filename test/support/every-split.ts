/**
 * The only way to test a decoder: the same bytes under every split.
 *
 * Whole; every two-way cut (for short inputs; a spread of cuts for long ones); byte by byte; random chunks
 * from a fixed seed; and every truncation, whose events must be a prefix of the events of the whole.
 * Each chunk is handed over in memory that is overwritten after push returns, because chunks are borrowed.
 */
import { expect } from 'vitest'
import type { Decoder } from '../../src/bytes/resumable.ts'

/** Makes a decoder that reports what it decodes, in a comparable form, to `emit`. */
export type MakeDecoder<E> = (emit: (event: E) => void) => Decoder

/** Cuts of a long input are spread over it: so many of them, and so many bytes decoded for them in all. */
const CUTS_MAX = 600
const CUTS_MIN = 40
const CUT_BYTES = 3_000_000

/**
 * Decodes `input` whole and returns its events; fails where any other split gives others.
 * @param truncations events of a truncated input must be a prefix of the whole's (default true). An event
 *   that only the end of input brings (a truncation fault) is removed by `isEnd`.
 */
export function decodeEverySplit<E>(
  make: MakeDecoder<E>,
  input: Buffer,
  options: { truncations?: boolean; isEnd?: (event: E) => boolean } = {},
): E[] {
  const whole = run(make, [input])
  for (const cut of cuts(input.length)) {
    const events = run(make, [input.subarray(0, cut), input.subarray(cut)])
    expect(events, `cut at ${cut}`).toEqual(whole)
  }
  if (input.length <= 200_000) {
    const bytes = Array.from(input, (_, i) => input.subarray(i, i + 1))
    expect(run(make, bytes), 'byte by byte').toEqual(whole)
  }
  for (let seed = 1; seed <= 20; seed++) {
    expect(run(make, randomChunks(input, seed)), `random chunks, seed ${seed}`).toEqual(whole)
  }
  if (options.truncations !== false) {
    const isEnd = options.isEnd ?? (() => false)
    for (const cut of cuts(input.length)) {
      const events = run(make, [input.subarray(0, cut)]).filter((e) => !isEnd(e))
      expect(events, `truncated to ${cut}`).toEqual(whole.slice(0, events.length))
    }
  }
  return whole
}

/** Runs one decoder over chunks; each chunk's memory is spoiled after it was pushed. */
export function run<E>(make: MakeDecoder<E>, chunks: readonly Buffer[]): E[] {
  const events: E[] = []
  const decoder = make((event) => events.push(event))
  for (const chunk of chunks) {
    const borrowed = Buffer.from(chunk)
    decoder.push(borrowed)
    borrowed.fill(0xdb)
  }
  decoder.end()
  return events
}

/** Chunks of random sizes, small ones and large ones mixed, always the same for a seed. */
export function randomChunks(input: Buffer, seed: number): Buffer[] {
  const random = mulberry32(seed)
  const chunks: Buffer[] = []
  for (let at = 0; at < input.length; ) {
    const size = 1 + Math.floor(random() ** 3 * Math.max(1, input.length / 3))
    chunks.push(input.subarray(at, at + size))
    at += size
  }
  return chunks
}

/** A small seeded generator of numbers in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function cuts(length: number): number[] {
  const most = Math.min(CUTS_MAX, Math.max(CUTS_MIN, Math.floor(CUT_BYTES / Math.max(1, length))))
  const step = Math.max(1, Math.ceil(length / most))
  const at: number[] = []
  for (let cut = 1; cut < length; cut += step) at.push(cut)
  return at
}
