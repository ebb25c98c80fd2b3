/** What this process knows of itself and its machine, for INFO. */
import { machine, release, totalmem, type as typeOfSystem } from 'node:os'

export const processFacts = {
  pid: process.pid,
  os: `${typeOfSystem()} ${release()} ${machine()}`,
  executable: process.execPath,
  systemBytes: totalmem(),
  residentBytes: (): number => process.memoryUsage.rss(),
  cpu: (): { userMicros: number; systemMicros: number } => {
    const { user, system } = process.cpuUsage()
    return { userMicros: user, systemMicros: system }
  },
}
