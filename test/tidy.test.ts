/**
 * The tree is tested too: rules that are not executed are wishes.
 *
 *   cli  ─►  rdb · diff · shadow  ─►  sink  ─►  io · server  ─►  replay  ─►  replication  ─►  codec  ─►  bytes        imports run this way only
 *
 * What this file knows of the sources is their text and their import statements.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

/** Whose files the files of a folder may import, besides their own folder's and the roots'. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  codec: ['bytes'],
  replication: ['bytes', 'codec'],
  replay: ['bytes', 'codec', 'replication'],
  io: ['bytes', 'codec', 'replication', 'replay'],
  server: ['bytes', 'codec', 'replication'],
  shadow: ['bytes', 'codec', 'replication', 'server'],
  sink: ['bytes', 'codec', 'replication'],
  rdb: ['bytes', 'codec', 'replication', 'sink'],
  diff: ['bytes', 'codec', 'replication', 'io', 'server', 'sink'],
  cli: ['bytes', 'codec', 'replication', 'replay', 'io', 'server', 'sink', 'rdb', 'diff', 'shadow'],
  // The library surface: everything that touches no socket.
  'index.ts': ['bytes', 'codec', 'replication', 'server', 'sink'],
}

/** Files of no floor: anybody may import them, and they import nothing. */
const ROOTS = ['usage-error.ts', 'ports.ts']

/** Where the world comes in: only here are clocks, dice, timers, sockets and files. */
const EDGE = ['io', 'cli']

/** Each package has one home. */
const HOMES: Readonly<Record<string, string>> = {
  chalk: 'sink/palette.ts',
  'cli-table3': 'sink/tables.ts',
  yargs: 'cli/main.ts',
  'redis-parser': 'io/redis-client.ts',
  'pcap-parser': 'codec/capture/pcap.ts',
}

/** Where reading begins: started by bin/, exported by package.json. */
const ENTRIES = ['cli/main.ts', 'index.ts']

/** Parts that stand before the verb that will use them. A line goes when its verb comes. */
const AWAITED: readonly string[] = []

const COLUMNS_MAX = 110
/** Lines, nearly all of them comments, that were longer when this was first looked at. It may only go down. */
const LONG_LINES_LEFT = 29

type Source = { name: string; floor: string; text: string; code: string; imports: readonly string[] }

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort()
  .map(readSource)
const modules = sources.filter(({ name }) => !name.endsWith('.d.ts'))

function readSource(name: string): Source {
  const text = readFileSync(join(SRC, name), 'utf8')
  const code = withoutComments(text)
  const statement = /^(?:import|export)\b[^'";]*\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm
  const imports = [...code.matchAll(statement)].map(([, from, plain, late]) => (from ?? plain ?? late)!)
  return { name, floor: name.split('/')[0]!, text, code, imports }
}

/** Comments blotted out; a quote in a comment or a // in a string must not confuse. */
function withoutComments(text: string): string {
  const piece =
    /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|(?<!\\)\/\/[^\n]*/g
  return text.replace(piece, (found) => (found.startsWith('/') ? '' : found))
}

/** Names (below src) of the files that a source imports. */
function filesImported({ name, imports }: Source): string[] {
  return imports
    .filter((from) => from.startsWith('.'))
    .map((from) => relative(SRC, join(SRC, dirname(name), from)))
}

function packageOf(from: string): string | undefined {
  if (from.startsWith('.') || from.startsWith('node:')) return undefined
  return from.startsWith('@') ? from.split('/').slice(0, 2).join('/') : from.split('/')[0]
}

describe('the tree', () => {
  it('is read by this test', () => {
    expect(modules.length).toBeGreaterThan(40)
    const known = new Set([...Object.keys(BELOW), ...ROOTS])
    expect(sources.filter(({ floor }) => !known.has(floor)).map(({ name }) => name)).toEqual([])
    const edges = sources.reduce((sum, source) => sum + filesImported(source).length, 0)
    expect(edges).toBeGreaterThan(100)
  })

  it('imports downward only', () => {
    const upward = sources.flatMap((source) =>
      filesImported(source)
        .filter((target) => {
          const floor = target.split('/')[0]!
          return floor !== source.floor && !ROOTS.includes(target) && !BELOW[source.floor]?.includes(floor)
        })
        .map((target) => `${source.name} imports ${target}`),
    )
    expect(upward).toEqual([])
  })

  it('names imported files as they are called', () => {
    const names = new Set(sources.map(({ name }) => name))
    const broken = sources.flatMap((source) =>
      filesImported(source)
        .filter((target) => !names.has(target))
        .map((target) => `${source.name} imports ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('has one importer for each package, and knows them all', () => {
    const importers = new Map<string, Set<string>>()
    for (const { name, imports, code } of modules) {
      for (const from of imports) {
        // A type is erased: who only names one does not load the package.
        if (new RegExp(`^import type [^'"]*\\bfrom '${from}'`, 'm').test(code)) continue
        const of = packageOf(from)
        if (of !== undefined) importers.set(of, (importers.get(of) ?? new Set()).add(name))
      }
    }
    const found = Object.fromEntries([...importers].map(([of, names]) => [of, [...names].join(' ')]))
    expect(found).toEqual(HOMES)
    const manifest = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    expect(Object.keys(manifest.dependencies).sort()).toEqual(Object.keys(HOMES).sort())
  })

  it('takes time, chance, timers and the network only at its edge', () => {
    const forbidden = [
      /\bDate\.now\b/,
      /\bnew Date\(\s*\)/,
      /\bperformance\b/,
      /\bMath\.random\b/,
      /\brandomBytes\b|\brandomUUID\b|\brandomInt\b/,
      /\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bnextTick\b|\bqueueMicrotask\b/,
      /'node:(net|tls|http|https|dgram|dns|fs|fs\/promises|timers|timers\/promises|child_process)'/,
      /\bprocess\.(env|argv|stdout|stderr|stdin|exit|cwd)\b/,
    ]
    const seen = modules
      .filter(({ floor }) => !EDGE.includes(floor))
      .flatMap(({ name, code }) =>
        forbidden.flatMap((rule) => (rule.test(code) ? [`${name}: ${rule.exec(code)?.[0]}`] : [])),
      )
    expect(seen).toEqual([])
  })

  it('prints through its sinks, never through console', () => {
    expect(modules.filter(({ code }) => /\bconsole\b/.test(code)).map(({ name }) => name)).toEqual([])
  })

  it('has no file that nobody imports', () => {
    const imported = new Set(modules.flatMap(filesImported))
    const dead = modules.map(({ name }) => name).filter((name) => !imported.has(name))
    expect(dead.filter((name) => !AWAITED.includes(name)).sort()).toEqual([...ENTRIES].sort())
    expect(
      AWAITED.filter((name) => !dead.includes(name)),
      'no longer awaited',
    ).toEqual([])
  })

  it(`has no more lines over ${COLUMNS_MAX} columns than it had`, () => {
    const long = sources.flatMap(({ name, text }) =>
      text
        .split('\n')
        .flatMap((line, i) => ([...line].length > COLUMNS_MAX ? [`${name}:${i + 1} ${line.trim()}`] : [])),
    )
    const told = `\n${long.join('\n')}\n`
    expect(long.length, told).toBeLessThanOrEqual(LONG_LINES_LEFT)
  })

  it('declares no package that nobody imports', () => {
    const declared = sources.flatMap(({ name, text }) =>
      name.endsWith('.d.ts') ? [...text.matchAll(/declare module '([^']+)'/g)].map(([, of]) => of!) : [],
    )
    const imported = new Set(modules.flatMap(({ imports }) => imports))
    expect(declared.filter((of) => !imported.has(of))).toEqual([])
  })
})

describe.each(sources.map((source) => [source.name, source] as const))('src/%s', (name, { text }) => {
  it('opens with what it is for', () => {
    expect(text.startsWith('/**')).toBe(true)
    const head = text.slice(3, text.indexOf('*/')).replace(/[\s*]+/g, ' ')
    expect(head.trim().split(' ').length).toBeGreaterThan(4)
  })

  it('leaves nothing undone and nothing switched off', () => {
    expect(text).not.toMatch(/\b(TODO|FIXME|XXX|HACK)\b/)
    expect(text).not.toMatch(/@ts-(ignore|nocheck|expect-error)|biome-ignore/)
  })

  it('is named by a subject', () => {
    expect(name).toMatch(/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/)
    expect(name).not.toMatch(/\b(utils?|helpers?|common|misc|manager|base|impl)\b/)
  })
})
