/** The page in a real browser: Debian's chromium lays it out and gives back what it made of it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { compare } from '../../src/diff/compare.ts'
import { htmlReport } from '../../src/diff/html.ts'
import { scenario } from '../../src/diff/scenario.ts'
import { connect, psync } from '../../src/diff/step.ts'
import type { Outcome } from '../../src/diff/suite.ts'
import { onPath } from '../../src/io/redis-process.ts'
import { message, request } from './observations.ts'

const browser = onPath('chromium')
const dir = mkdtempSync(join(tmpdir(), 'syncscope-page-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function side(offset: string) {
  const answer = message('resync', { mode: 'partial', replid: 'id#1', offset: 1024 }, { step: 1 })
  return [request('replica', 'PING'), { ...request('replica', 'PSYNC', 'id#1', offset), step: 1 }, answer]
}

/** The text of each rung of one side's ladder, as the browser holds it. */
function ladder(dom: string, of: 'a' | 'b'): string[] {
  const cells = dom.matchAll(
    new RegExp(`<td data-side="${of}"><div class="rung[^>]*>([^<]*)</div></td>`, 'g'),
  )
  return [...cells].map(([, text]) => text!)
}

const title = browser === undefined ? ' (not done: no chromium on the PATH)' : ''
it.skipIf(browser === undefined)(`both ladders are read from it${title}`, { timeout: 60_000 }, () => {
  const outcome: Outcome = {
    scenario: scenario({
      name: 'partial/x',
      role: 'replica',
      teaches: 'x',
      steps: [connect(), psync('r1', '?', 1)],
    }),
    kind: 'differs',
    comparison: compare(side('1025'), side('1024')),
    uses: [[], []],
    ms: 1,
  }
  const path = join(dir, 'page.html')
  writeFileSync(path, htmlReport([outcome], { names: ['a', 'b'], titles: ['one', 'two'], version: '0' }))
  const { stdout, status } = spawnSync(
    browser!,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${dir}/profile`,
      '--dump-dom',
      `file://${path}`,
    ],
    { encoding: 'utf8', timeout: 50_000 },
  )
  expect(status).toBe(0)
  expect(ladder(stdout, 'a')).toEqual(['→ PING', '→ PSYNC id#1 1025', '← CONTINUE id#1 1024'])
  expect(ladder(stdout, 'b')).toEqual(['→ PING', '→ PSYNC id#1 1024', '← CONTINUE id#1 1024'])
  expect(stdout).toMatch(/<tr class="diff first" data-message="2">/)
})
