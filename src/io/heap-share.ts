/** How full the heap of this process is: for work that would rather give up than take everything with it. */
import { getHeapStatistics } from 'node:v8'

/** Used, of what V8 will ever give: 0 … 1. Garbage that was not collected yet counts. */
export function heapShare(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return used / limit
}
