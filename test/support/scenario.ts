/**
 * Several clients of a real Redis and of the reference: after each line all that every client received is
 * compared, at the end what was propagated and the digest.
 *
 *   await play(pair, `
 *     a: BLPOP k 0            a client says a command; what is new in anybody's inbox must be the same
 *     b: RPUSH k 1
 *     @ 30                    so many milliseconds go by
 *     x a                     a client goes away
 *     a: CLIENT TRACKING ON REDIRECT {b}       {b} is the id of client b
 *     a: MULTI; INCR k; EXEC                   pipelined: sent in one piece
 *   `)
 *
 * HELLO 3 is said to both in their own way. Clients have the same ids on both sides.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { quoted } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { splitInline } from '../../src/codec/resp/inline.ts'
import type { Pair } from './differential.ts'
import { RawClient } from './raw-client.ts'
import { bytesOf, type ReferenceClient } from './reference.ts'

/** How long the real server may take for what the reference says must come. */
const PATIENCE_MS = 2000
/** How long nothing must come before that is believed. */
const QUIET_MS = 4

type Both = { readonly real: RawClient; readonly client: ReferenceClient }

export async function play(pair: Pair, script: string): Promise<void> {
  const clients = new Map<string, Both>()
  const told: { real: string[]; reference: string[] } = { real: [], reference: [] }
  await pair.beginEffects()
  const client = async (name: string): Promise<Both> => {
    const known = clients.get(name)
    if (known !== undefined) return known
    const opened = await open(pair)
    clients.set(name, opened)
    return opened
  }
  const lines = script.split('\n').map((line) => line.trim())
  const steps = lines.filter((line) => line !== '')
  for (const [i, line] of steps.entries()) {
    const [, wait] = /^@ (\d+)$/.exec(line) ?? []
    const [, gone] = /^x (\w+)$/.exec(line) ?? []
    const [, who, said] = /^(\w+): (.*)$/.exec(line) ?? []
    for (const name of said?.match(/(?<=\{)\w+(?=\})/g) ?? []) await client(name)
    if (wait !== undefined) await sleep(Number(wait))
    else if (gone !== undefined) await close(clients, gone)
    else if (who !== undefined) await say(await client(who), withIds(said!, clients))
    else throw new Error(`not a line of a scenario: ${line}`)
    // What comes in its own time may come before or after the wait begins: it is looked at once, behind it.
    if (steps[i + 1]?.startsWith('@ ')) continue
    await settle(pair, clients)
    for (const [name, { real, client: reference }] of clients) {
      const [expected, got] = [comparable(real.takeRaw()), comparable(reference.takeRaw())]
      if (expected !== '') told.real.push(`${line} → ${name}: ${quoted(expected)}`)
      if (got !== '') told.reference.push(`${line} → ${name}: ${quoted(got)}`)
      real.clear()
      reference.inbox.length = 0
    }
  }
  const { real, reference } = await pair.endEffects()
  for (const name of [...clients.keys()]) await close(clients, name)
  expect([...told.reference, ...reference]).toEqual([...told.real, ...real])
}

/** Of what MONITOR shows: no times and addresses, nothing that this file said itself. */
function comparable(raw: string): string {
  return raw
    .replace(/\+\d+\.\d{6} \[[^\]]*\] "(?:PING"|CLIENT" "ID"|PUBLISH" "syncscope-mark").*?\r\n/g, '')
    .replace(/\+\d+\.\d{6} \[(\d+) [^\]]*\]/g, '+<time> [$1 <address>]')
}

/** Client ids are in order of connecting; whoever is behind catches up with connections that say nothing. */
async function open(pair: Pair): Promise<Both> {
  for (;;) {
    const real = await RawClient.open(pair.redis.port)
    const reply = await real.command('CLIENT', 'ID')
    const id = reply.type === 'integer' ? Number(reply.value) : Number.NaN
    let client = pair.reference.client()
    while (client.session.id < id) {
      client.session.closed()
      client = pair.reference.client()
    }
    if (client.session.id === id) {
      real.takeRaw()
      client.takeRaw()
      return { real, client }
    }
    await real.close()
    client.session.closed()
  }
}

async function say({ real, client }: Both, said: string): Promise<void> {
  const commands = said.split('; ').map((one) => splitInline(one)!)
  if (commands[0]![0]!.toUpperCase() === 'HELLO') {
    await real.command(...commands[0]!)
    real.takeRaw()
    client.session.resp = commands[0]![1] === '3' ? 3 : 2
    return
  }
  const bytes = Buffer.concat(commands.map((words) => encodeCommand(bytesOf(words))))
  real.socket.write(bytes)
  client.send(bytes)
}

async function close(clients: Map<string, Both>, name: string): Promise<void> {
  const { real, client } = clients.get(name)!
  clients.delete(name)
  client.session.closed()
  await real.close()
}

function withIds(said: string, clients: ReadonlyMap<string, Both>): string {
  return said.replace(/\{(\w+)\}/g, (_, name: string) => String(clients.get(name)!.client.session.id))
}

/** Until the real clients have received as much as the others, and a moment longer. */
async function settle(pair: Pair, clients: ReadonlyMap<string, Both>): Promise<void> {
  const until = Date.now() + PATIENCE_MS
  const isBehind = (): boolean =>
    [...clients.values()].some(({ real, client }) => real.inbox.length < client.inbox.length)
  while (isBehind() && Date.now() < until) await sleep(1)
  await pair.real.command('PING')
  await sleep(QUIET_MS)
}
