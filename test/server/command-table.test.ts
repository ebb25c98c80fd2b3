/**
 * The whole table of commands, compared with a real Redis: arity, flags, key positions, categories,
 * documentation.
 */
import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import type { RespValue } from '../../src/codec/resp/values.ts'
import { RawClient } from '../support/raw-client.ts'
import { describeWithRedis, startRedis } from '../support/real-redis.ts'
import { startReference } from '../support/reference.ts'

/** Answers of COMMAND INFO by the names of commands and subcommands. */
function byName(reply: RespValue, found = new Map<string, string>()): Map<string, string> {
  for (const item of 'items' in reply ? reply.items : []) {
    const fields = 'items' in item ? item.items : []
    const name = String((fields[0] as { value: string }).value)
    found.set(name, JSON.stringify([...fields.slice(1, -1).map(plain), fields.at(-1)!.type]))
    byName(fields.at(-1)!, found)
  }
  return found
}

/** Readable, and without the order of sets. */
function plain(value: RespValue): unknown {
  if (!('items' in value)) return 'value' in value ? value.value : null
  const items = value.items.map(plain)
  return value.type === 'set' ? { set: items.map((item) => JSON.stringify(item)).sort() } : items
}

describeWithRedis('the table of commands', (server) => {
  let theirs: Map<string, string>
  let ours: Map<string, string>
  beforeAll(async () => {
    const redis = await startRedis({ server })
    const client = await RawClient.open(redis.port)
    await client.command('HELLO', '3')
    theirs = byName(await client.command('COMMAND'))
    const reference = startReference().client()
    reference.session.resp = 3
    ours = byName(reference.command('COMMAND')!)
  })

  it('is declared as the real server declares it', () => {
    const compared = Object.fromEntries([...theirs].filter(([name]) => ours.has(name)))
    const different = [...ours].filter(([name, told]) => compared[name] !== told)
    expect(different.map(([name, told]) => `${name}\n  ours   ${told}\n  theirs ${compared[name]}`)).toEqual(
      [],
    )
  })

  it('lacks what docs/SERVER.md says comes later, and nothing else', () => {
    const missing = [...theirs.keys()].filter((name) => !ours.has(name)).sort()
    expect(later()).toEqual(missing)
    expect([...ours.keys()].filter((name) => !theirs.has(name))).toEqual([])
  })
})

/** The commands between the marks of docs/SERVER.md. */
function later(): string[] {
  const text = readFileSync(new URL('../../docs/SERVER.md', import.meta.url), 'utf8')
  const [, list] = text.split('<!-- later -->')
  return [...list!.matchAll(/`([a-z_|-]+)`/g)].map(([, name]) => name!).sort()
}
