/** Every parameter is used somewhere, or on the list of those that are not, which the docs show. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { PARAMETERS } from '../../../src/server/config/parameters.ts'
import { Settings } from '../../../src/server/config/settings.ts'
import { askedInVain, WITHOUT_EFFECT } from '../../../src/server/config/without-effect.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
/** Where names stand for other reasons than use. */
const TABLES = new Set(['parameters.ts', 'without-effect.ts', 'config-rewrite.ts'])

function code(): string {
  return ['server', 'io', 'cli']
    .flatMap((floor) =>
      readdirSync(join(root, 'src', floor), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !TABLES.has(name.split('/').at(-1)!))
        .map((name) => readFileSync(join(root, 'src', floor, name), 'utf8')),
    )
    .join('\n')
    .replace(/\/\*[\s\S]*?\*\//g, '')
}

it('is exactly what no code asks for', () => {
  const text = code()
  /** Names that are put together where they are used. */
  const composed = new Set(['enable-module-command', 'shutdown-on-sigint', 'shutdown-on-sigterm'])
  expect(text).toMatch(/`enable-\$\{what\}-command`/)
  expect(text).toMatch(/`shutdown-on-\$\{signal\.toLowerCase\(\)\}`/)
  /** A field of proc-title-template is called so too; refused while the dataset is read, and no more. */
  const namesakes = ['tls-port', 'appendonly']
  const unused = PARAMETERS.map(({ name }) => name).filter(
    (name) => namesakes.includes(name) || (!text.includes(`'${name}'`) && !composed.has(name)),
  )
  expect([...WITHOUT_EFFECT].sort()).toEqual(unused.sort())
})

it('is what the docs say', () => {
  const text = readFileSync(join(root, 'docs/SERVER.md'), 'utf8')
  const [, list] = text.split('<!-- without effect -->') as [string, string]
  const named = [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
  expect(named.sort()).toEqual([...WITHOUT_EFFECT].sort())
})

it('is told to who asks in vain', () => {
  const settings = new Settings()
  expect(askedInVain(settings)).toEqual([])
  settings.read('daemonize', 'yes')
  settings.read('io-threads', '4')
  settings.read('hz', '20')
  expect(askedInVain(settings).map(({ name }) => name)).toEqual(['daemonize', 'io-threads'])
})
