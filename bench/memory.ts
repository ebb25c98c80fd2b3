/**
 * The highest resident memory of syncscope over all that was measured before (VmHWM), in MB of 10^6 bytes.
 */
import type { Row } from './scenario.ts'
import { syncscopePeaks } from './subjects.ts'

const BAR_MB = 150

export function memoryRows(): Row[] {
  return [...syncscopePeaks].map(([during, bytes]) => ({
    scenario: 'memory',
    measure: `peak resident during ${during}`,
    unit: 'MB',
    values: { syncscope: bytes / 1e6 },
    score: { value: bytes / 1e6, of: 'MB' },
    bar: { sense: 'at most', limit: BAR_MB, unit: 'MB' },
  }))
}
