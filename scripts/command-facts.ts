/**
 * Writes src/server/commands/command-facts.json: what a real Redis 7.0 answers to COMMAND INFO and COMMAND DOCS beyond arity, flags and
 * key positions (those are declared beside each command). Run it again for another version:
 *
 *   npx tsx scripts/command-facts.ts            REDIS_SERVER, or redis-server on the PATH
 *
 * Reply trees as JSON: "text" a bulk string, {"+": …} a simple string, 1 an integer, […] an array, {"%": [k, v, …]} a map,
 * {"~": […]} a set, null.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { RespValue } from '../src/codec/resp/values.ts'
import { startRedis } from '../src/io/redis-process.ts'
import { RawClient } from '../test/support/raw-client.ts'

type Tree = string | number | null | Tree[] | { [mark: string]: Tree }

function tree(value: RespValue): Tree {
  switch (value.type) {
    case 'bulk':
      return value.value as string
    case 'simple':
      return { '+': value.value as string }
    case 'integer':
      return Number(value.value)
    case 'array':
      return value.items.map(tree)
    case 'map':
      return { '%': value.items.map(tree) }
    case 'set':
      return { '~': value.items.map(tree) }
    case 'null':
      return null
    default:
      throw new TypeError(`no tree of a ${value.type}`)
  }
}

function items(value: RespValue | undefined): readonly RespValue[] {
  return value !== undefined && 'items' in value ? value.items : []
}

function text(value: RespValue | undefined): string {
  return value !== undefined && 'value' in value ? String(value.value) : ''
}

/** Positions in an answer of COMMAND INFO. */
const [NAME, CATEGORIES, TIPS, KEY_SPECS, SUBCOMMANDS] = [0, 6, 7, 8, 9]

const redis = await startRedis({ config: {} })
const client = await RawClient.open(redis.port)
await client.command('HELLO', '3')
const docs = new Map<string, RespValue>()
const allDocs = items(await client.command('COMMAND', 'DOCS'))
for (let i = 0; i < allDocs.length; i += 2) docs.set(text(allDocs[i]), allDocs[i + 1]!)

function subcommandDocs(of: RespValue | undefined): Map<string, RespValue> {
  const found = new Map<string, RespValue>()
  const fields = items(of)
  for (let i = 0; i < fields.length; i += 2) {
    if (text(fields[i]) !== 'subcommands') continue
    const subs = items(fields[i + 1])
    for (let j = 0; j < subs.length; j += 2) found.set(text(subs[j]), subs[j + 1]!)
  }
  return found
}

function withoutSubcommands(value: RespValue): Tree {
  const fields = items(value)
  const kept: Tree[] = []
  for (let i = 0; i < fields.length; i += 2) {
    if (text(fields[i]) !== 'subcommands') kept.push(tree(fields[i]!), tree(fields[i + 1]!))
  }
  return { '%': kept }
}

const facts: Record<string, Tree> = {}
const add = (info: RespValue, doc: RespValue | undefined): void => {
  const fields = items(info)
  const name = text(fields[NAME])
  facts[name] = {
    categories: items(fields[CATEGORIES]).map(text),
    tips: items(fields[TIPS]).map(text),
    keySpecs: tree(fields[KEY_SPECS]!),
    docs: doc === undefined ? null : withoutSubcommands(doc),
  }
  const subs = subcommandDocs(doc)
  for (const sub of items(fields[SUBCOMMANDS])) add(sub, subs.get(text(items(sub)[NAME])))
}
for (const info of items(await client.command('COMMAND'))) add(info, docs.get(text(items(info)[NAME])))
await client.close()
await redis.stop()

const sorted = Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)))
const lines = Object.entries(sorted).map(
  ([name, fact]) => `  ${JSON.stringify(name)}: ${JSON.stringify(fact)}`,
)
const path = fileURLToPath(new URL('../src/server/commands/command-facts.json', import.meta.url))
writeFileSync(path, `{\n${lines.join(',\n')}\n}\n`)
process.stdout.write(`${path}: ${lines.length} commands of Redis ${redis.version}\n`)
