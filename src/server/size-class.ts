/** The size class in which jemalloc, Redis's allocator, serves a request: four to each doubling. */
export function allocated(size: number): number {
  const step = 2 ** (Math.floor(Math.log2(size - 1)) - 2)
  return Math.ceil(size / step) * step
}
