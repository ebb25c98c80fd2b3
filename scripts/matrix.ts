/**
 * Writes docs/MATRIX.md: which versions sync with which, and how, from real runs through a proxy of ours.
 *
 *   npm run matrix            REDIS_SERVER and REDIS_SERVERS say which servers
 *
 * Each pair syncs once, with the settings that the servers come with (but for repl-diskless-sync-delay 0); what the table says is what
 * passed. A pair that does not sync is watched until its replica has tried twice, and the reason is taken from a log.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fill } from '../bench/dataset.ts'
import {
  caughtUp,
  type RealRedis,
  type RealServer,
  servers,
  startRedis,
  waitFor,
} from '../src/io/redis-process.ts'
import { STRIPPABLE } from '../src/replication/capa-stripper.ts'
import type { ReplEvent } from '../src/replication/events.ts'
import { commandText, describe } from '../src/sink/describe.ts'
import { watchedProxy } from '../test/support/watched-proxy.ts'

const KEYS = 400
const PATIENCE_MS = 12_000

type Run = {
  readonly handshake: readonly string[]
  readonly connections: number
  readonly framing: string | undefined
  /** As its magic says. */
  readonly version: string | undefined
  readonly keys: number | undefined
  readonly checksum: string | undefined
  /** `hash listpack`, … */
  readonly encodings: ReadonlySet<string>
  readonly faults: readonly string[]
  readonly isInSync: boolean
  readonly why: string
}

type RunOptions = {
  readonly dual?: boolean
  readonly strip?: readonly string[]
  /** Valkey 9 keeps fields that expire only in snapshots that older servers cannot read. */
  readonly fieldExpiry?: boolean
}

const short = ({ flavour, version }: RealServer) =>
  `${flavour === 'redis' ? 'Redis' : 'Valkey'} ${version.split('.').slice(0, 2).join('.')}`

/** What a master knows; what it does not know it refuses, and then it is not in its dataset. */
async function write(master: RealRedis, fieldExpiry: boolean): Promise<void> {
  await fill(master.client, KEYS)
  const field = (key: string) => [
    ['HSET', key, 'kept', '1', 'gone', '2'],
    ['HPEXPIRE', key, '100000000', 'FIELDS', '1', 'gone'],
  ]
  await master.client.pipeline([
    ['SET', 'expires', 'x', 'EX', '1000000'],
    ['SADD', 'numbers', '1', '2', '3'],
    ['RPUSH', 'long', ...Array.from({ length: 2000 }, (_, i) => `element ${i} of a long list`)],
    ['SADD', 'wide', ...Array.from({ length: 600 }, (_, i) => `member ${i}`)],
    ['ZADD', 'tall', ...Array.from({ length: 600 }, (_, i) => [`${i}.5`, `member ${i}`]).flat()],
    ['VADD', 'vectors', 'VALUES', '3', '1', '2', '3', 'element'],
    ['FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() return 1 end)"],
    ...(master.server.flavour === 'redis' || fieldExpiry ? field('fields') : []),
  ])
}

async function run(master: RealServer, replica: RealServer, options: RunOptions = {}): Promise<Run> {
  const dual = options.dual ? { 'dual-channel-replication-enabled': 'yes' } : {}
  const config = (server: RealServer) => (server.flavour === 'valkey' ? dual : {})
  await using source = await startRedis({ server: master, config: config(master) })
  await write(source, options.fieldExpiry ?? false)
  const seen = new Seen()
  const proxy = await watchedProxy(`127.0.0.1:${source.port}`, { emit: seen.event, strip: options.strip })
  try {
    const replicaof = `127.0.0.1 ${proxy.port}`
    await using target = await startRedis({ server: replica, config: { ...config(replica), replicaof } })
    const given = caughtUp(source, target, PATIENCE_MS).then(
      () => true,
      () => false,
    )
    const refused = waitFor(() => seen.resyncs > 1 && refusal(source, target) !== undefined, {
      what: 'a refusal',
      timeoutMs: PATIENCE_MS,
    })
    const isInSync = await Promise.race([given, refused.then(() => false).catch(() => given)])
    const keys = Number(await source.client.command('DBSIZE'))
    if (isInSync && seen.result().keys !== keys) throw new Error(`${keys} keys, ${seen.result().keys} seen`)
    if (isInSync && (await source.digest()) !== (await target.digest())) throw new Error('digests differ')
    return { ...seen.result(), isInSync, why: isInSync ? '' : (refusal(source, target) ?? 'does not sync') }
  } finally {
    await proxy.close()
  }
}

/** Why they do not sync, as one of them says in its log. */
function refusal(source: RealRedis, target: RealRedis): string | undefined {
  const log = `${source.log(300)}\n${target.log(300)}`
  const [said] = /Can't handle RDB format version \d+|Can't store key .* in RDB version \d+/.exec(log) ?? []
  return said?.replace(/'[^']*' \(db/, 'a key (db').replace(/ \(db \d+\)/, '')
}

/** What passed of the first sync. */
class Seen {
  resyncs = 0
  readonly #handshake: string[] = []
  readonly #encodings = new Set<string>()
  readonly #faults: string[] = []
  #connections = 0
  #begin: string | undefined
  #magic: string | undefined
  #end: { keys: number | undefined; checksum: string | undefined } | undefined

  readonly event = (event: ReplEvent): void => {
    if (event.kind === 'resync') this.resyncs++
    if (event.kind === 'fault') this.#faults.push(describe(event))
    if (event.kind === 'request') this.#handshake.push(anonymous(commandText(event.command), event))
    if (this.#end !== undefined) return
    if (event.kind === 'opened') this.#connections++
    else if (event.kind === 'snapshot-begin') this.#begin = event.framing
    else if (event.kind === 'snapshot-slice') this.#magic ??= event.slice.toString('latin1', 0, 9)
    else if (event.kind === 'snapshot-key')
      this.#encodings.add(`${event.type} ${event.module ?? event.encoding}`)
    else if (event.kind === 'snapshot-end') this.#end = event
  }

  result(): Omit<Run, 'isInSync' | 'why'> {
    return {
      handshake: this.#handshake,
      connections: this.#connections,
      framing: this.#begin,
      version: this.#magic,
      keys: this.#end?.keys,
      checksum: this.#end?.checksum,
      encodings: this.#encodings,
      faults: this.#faults,
    }
  }
}

/** Without what differs from run to run. */
function anonymous(line: string, { channel }: ReplEvent): string {
  const text = line
    .replace(/(listening-port|main-ch-client-id|set-rdb-client-id) \d+/gi, '$1 <n>')
    .replace(/\b[0-9a-f]{40}\b/g, '<id>')
    .replace(/(PSYNC <id>) \d+/, '$1 <offset>')
  return channel === 'rdb' ? `(second connection) ${text}` : text
}

// --- the page --------------------------------------------------------------------------------------------

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const codes = (lines: readonly string[]) => lines.map((line) => `\`${line}\``).join('<br>')

const connections = (n: number) => (n === 1 ? '1 connection' : `${n} connections`)

const FRAMING: Readonly<Record<string, string>> = { mark: 'by mark', length: 'by length' }

function cell(of: Run): string {
  if (of.faults.length > 0) throw new Error(`decoding failed: ${of.faults.join()}`)
  const sent = `\`${of.version}\` ${FRAMING[of.framing ?? ''] ?? 'not sent'}`
  if (!of.isInSync) return `no: ${of.version === undefined ? 'no snapshot' : sent}<br>*${of.why}*`
  if (of.keys === undefined || of.checksum !== 'good') throw new Error('a snapshot was not understood')
  return `${sent}, ${connections(of.connections)}<br>${of.keys} keys, checksum ${of.checksum}`
}

const capabilities = ({ handshake }: Run) =>
  [...(handshake.find((line) => / capa /.test(line)) ?? '').matchAll(/capa (\S+)/g)].map(([, name]) => name)

async function page(all: readonly RealServer[]): Promise<string> {
  const valkeys = all.filter(({ flavour }) => flavour === 'valkey')
  const note = (text: string) => process.stderr.write(`${text}\n`)
  const runs = new Map<string, Run>()
  for (const master of all) {
    for (const replica of all) {
      const of = await run(master, replica)
      runs.set(`${master.name} ${replica.name}`, of)
      note(`${master.name} → ${replica.name}: ${of.isInSync ? 'in sync' : of.why}`)
    }
  }
  const of = (master: RealServer, replica: RealServer) => runs.get(`${master.name} ${replica.name}`)!
  const dual = new Map<string, Run>()
  for (const server of valkeys) dual.set(server.name, await run(server, server, { dual: true }))
  const handshakes = all.map((server) => {
    const [own, two] = [of(server, server), dual.get(server.name)]
    const more =
      two === undefined ? [] : ['', `dual-channel-replication-enabled yes:<br>${codes(two.handshake)}`]
    return [
      short(server),
      [...new Set(capabilities(two ?? own))].join(', '),
      [codes(own.handshake), ...more].join('<br>'),
    ]
  })
  const decoded = all.map((server) => {
    const encodings = [...of(server, server).encodings].sort().join(', ')
    return [short(server), `\`${of(server, server).version}\``, encodings]
  })
  const special: string[][] = []
  for (const server of valkeys) {
    special.push([
      `${short(server)} with itself, dual-channel-replication-enabled yes`,
      cell(dual.get(server.name)!),
    ])
  }
  const newest = valkeys.find(({ major }) => major >= 9)
  for (const replica of newest === undefined ? [] : valkeys) {
    const title = `${short(newest!)} with fields that expire, to ${short(replica)}`
    special.push([title, cell(await run(newest!, replica, { fieldExpiry: true }))])
    note(title)
  }
  const stripped: string[][] = []
  for (const server of all) {
    const row = [short(server)]
    for (const strip of STRIPS) {
      const { framing, connections: n, isInSync, why } = await run(server, server, { strip, dual: true })
      row.push(isInSync ? `${FRAMING[framing!]}, ${connections(n)}` : `no: ${why}`)
    }
    note(`${server.name} without capabilities`)
    stripped.push(row)
  }
  return `# Which versions sync with which, and how

Made by \`npm run matrix\` from real runs through \`syncscope proxy\`; not written by hand. Servers: ${all.map((s) => short(s).replace(/ .*/, ` ${s.version}`)).join(', ')};
their own settings, but for \`repl-diskless-sync-delay 0\` and no persistence. Each pair was run once; where it is in sync, \`DEBUG DIGEST\` of both was equal.

## Master (down) and replica (across)

The snapshot's magic and framing, connections, and what was decoded of it. \`no\`: the replica refuses what it got, and tries again for ever.

${table(
  ['master ↓ replica →', ...all.map(short)],
  all.map((master) => [`**${short(master)}**`, ...all.map((replica) => cell(of(master, replica)))]),
)}

## What a replica says

To a master of its own version, in order; \`<n>\`, \`<id>\` and \`<offset>\` differ from run to run.

${table(['replica', 'capabilities', 'handshake'], handshakes)}

## What is decoded

The values of the snapshot to a replica of the same version. All of them, with elements, are shown by \`--keys\` and \`--values\`.

${table(['master', 'snapshot', 'types and encodings'], decoded)}

## More runs

${table(['run', 'what passed'], special)}

## With \`--strip-capa\`

Each version with itself, repl-rdb-channel (Redis) or dual-channel-replication-enabled (Valkey) on where there is one: framing and connections.

${table(['server', ...STRIPS.map((names) => `\`${names.join(',') || '(nothing)'}\``)], stripped)}
`
}

const STRIPS: readonly (readonly string[])[] = [
  [],
  ['eof'],
  ['psync2'],
  ['rdb-channel-repl', 'dual-channel'],
  STRIPPABLE,
]

const file = fileURLToPath(new URL('../docs/MATRIX.md', import.meta.url))
const oldestFirst = servers().sort(
  (a, b) => a.flavour.localeCompare(b.flavour) || Number.parseFloat(a.version) - Number.parseFloat(b.version),
)
writeFileSync(file, await page(oldestFirst))
process.stderr.write(`${file}\n`)
