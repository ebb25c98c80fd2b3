/** The page in a real browser: Debian's chromium lays it out and gives back what it made of it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compare } from '../../src/diff/compare.ts'
import { htmlReport } from '../../src/diff/html.ts'
import { scenario } from '../../src/diff/scenario.ts'
import { connect, psync } from '../../src/diff/step.ts'
import type { Outcome } from '../../src/diff/suite.ts'
import { onPath } from '../../src/io/redis-process.ts'
import { message, request } from './observations.ts'

const TIMEOUT = 60_000
/** What chromium asks for on its own account. */
const BROWSERS_OWN = /google|gvt1|gstatic/

const browser = onPath('chromium')
const dir = mkdtempSync(join(tmpdir(), 'syncscope-page-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function page(): string {
  const steps = [connect(), psync('r1', '?', 1)]
  const outcome: Outcome = {
    scenario: scenario({ name: 'partial/x', role: 'replica', teaches: 'x', steps }),
    kind: 'differs',
    comparison: compare(side('1025'), side('1024')),
    uses: [[], []],
    ms: 1,
  }
  return htmlReport([outcome], { names: ['a', 'b'], titles: ['one', 'two'], version: '0' })
}

function side(offset: string) {
  const answer = message('resync', { mode: 'partial', replid: 'id#1', offset: 1024 }, { step: 1 })
  return [request('replica', 'PING'), { ...request('replica', 'PSYNC', 'id#1', offset), step: 1 }, answer]
}

type Opened = { readonly dom: string; readonly status: number | null; readonly fetched: readonly string[] }

/** What the browser holds once it has opened a page, and what it asked of the network for it. */
async function opened(html: string): Promise<Opened> {
  const path = join(dir, 'page.html')
  writeFileSync(path, html)
  const fetched: string[] = []
  const proxy = createServer(({ url }, response) => {
    fetched.push(String(url))
    response.end()
  })
  proxy.on('connect', ({ url }, socket) => {
    fetched.push(String(url))
    socket.destroy()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  const child = spawn(browser!, [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--no-first-run',
    `--proxy-server=127.0.0.1:${port}`,
    `--user-data-dir=${dir}/profile`,
    '--dump-dom',
    `file://${path}`,
  ])
  let dom = ''
  child.stdout.on('data', (chunk) => (dom += chunk))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  proxy.close()
  return { dom, status, fetched: fetched.filter((url) => !BROWSERS_OWN.test(url)) }
}

/** The text of each rung of one side's ladder. */
function ladder(dom: string, of: 'a' | 'b'): string[] {
  const cells = dom.matchAll(
    new RegExp(`<td data-side="${of}"><div class="rung[^>]*>([^<]*)</div></td>`, 'g'),
  )
  return [...cells].map(([, text]) => text!)
}

describe('a browser', () => {
  it.runIf(browser === undefined)('is not here: apt-get install chromium', () => {
    expect(process.env.CI, 'CI installs chromium (.ci/run)').not.toBe('true')
  })

  it.skipIf(browser === undefined)(
    'reads both ladders, the first difference marked',
    {
      timeout: TIMEOUT,
    },
    async () => {
      const { dom, status, fetched } = await opened(page())
      expect(status).toBe(0)
      expect(ladder(dom, 'a')).toEqual(['→ PING', '→ PSYNC id#1 1025', '← CONTINUE id#1 1024'])
      expect(ladder(dom, 'b')).toEqual(['→ PING', '→ PSYNC id#1 1024', '← CONTINUE id#1 1024'])
      expect(dom.match(/<tr class="diff first" data-message="\d+">/g)).toEqual([
        '<tr class="diff first" data-message="2">',
      ])
      expect(dom).toContain('the first difference: argv.2')
      expect(fetched).toEqual([])
    },
  )

  it.skipIf(browser === undefined)('would be seen to fetch something', { timeout: TIMEOUT }, async () => {
    const { fetched } = await opened(page().replace('<h1>', '<img src="http://elsewhere.test/x.png"><h1>'))
    expect(fetched).toEqual(['http://elsewhere.test/x.png'])
  })
})
