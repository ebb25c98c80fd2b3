/** The file that tells others the number of our process, as long as it runs. */
import { rmSync, writeFileSync } from 'node:fs'
import { systemWords } from './system-words.ts'

/** @returns what is wrong, if it could not be written */
export function writePidFile(path: string): string | undefined {
  try {
    writeFileSync(path, `${process.pid}\n`)
    return undefined
  } catch (error) {
    return systemWords(error)
  }
}

/** @returns whether it is gone */
export function removePidFile(path: string): boolean {
  try {
    rmSync(path, { force: true })
    return true
  } catch {
    return false
  }
}
