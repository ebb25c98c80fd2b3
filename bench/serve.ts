/**
 * `syncscope serve` beside redis-server: how many requests, how much memory, and who waits for a snapshot.
 */
import type { Scenario } from './scenario.ts'
import { datasetRows } from './serve/dataset.ts'
import { speedRows } from './serve/speed.ts'

export const serve: Scenario = {
  name: 'serve',
  run: async (settings) => [...(await speedRows(settings)), ...(await datasetRows(settings))],
}
