/**
 * The files of a configuration: read, found by a pattern, replaced as a whole.
 *
 * What their lines mean is the server's business (server/config/). A text is one char a byte: passwords and
 * paths are bytes to Redis.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fromText } from '../bytes/byte-string.ts'
import { globMatcher } from '../bytes/glob.ts'

/** @throws Error */
export function readConfig(path: string | number): string {
  return readFileSync(path, 'latin1')
}

/** The texts of all files of a pattern, in order; a path without wildcards must exist. @throws Error */
export function readMatching(pattern: string): string[] {
  if (!/[*?[]/.test(pattern)) return [readConfig(pattern)]
  return matching(resolve(pattern)).map(readConfig)
}

function matching(pattern: string): string[] {
  let found = ['/']
  for (const part of pattern.split('/').filter(Boolean)) {
    const isWild = /[*?[]/.test(part)
    const matches = globMatcher(fromText(part))
    found = found.flatMap((dir) => {
      if (!isWild) return [join(dir, part)]
      const names = namesIn(dir).filter((name) => part.startsWith('.') || !name.startsWith('.'))
      return names.filter((name) => matches(fromText(name))).map((name) => join(dir, name))
    })
  }
  return found
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).sort()
  } catch {
    return []
  }
}

/** Puts a new text in place of a file, which is never half of one and half of the other. @throws Error */
export function replaceConfig(path: string, text: string): void {
  const temporary = join(dirname(path), `.syncscope-${process.pid}.conf`)
  try {
    const descriptor = openSync(temporary, 'w', 0o644)
    try {
      writeSync(descriptor, text, null, 'latin1')
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
