/**
 * Golden files: what a program prints, beside what it was given. Readable, and a change of it is seen in
 * a diff.
 *
 * `npm run golden` (UPDATE=1) rewrites those that differ; look at the diff before it is committed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'

const FOLDER = new URL('../../fixtures/golden/', import.meta.url)

/** Compares `text` with fixtures/golden/<name>, or with UPDATE=1 makes it so. */
export function expectGolden(name: string, text: string): void {
  const file = new URL(name, FOLDER)
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  if (process.env.UPDATE === '1') {
    if (before !== text) writeFileSync(file, text)
    return
  }
  expect(before, `fixtures/golden/${name} is missing: npm run golden`).toBeDefined()
  expect(text, `fixtures/golden/${name}; if the change is wanted: npm run golden`).toBe(before)
}
