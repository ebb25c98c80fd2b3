/**
 * What goes wrong in a simulation, and what administrators do: one small function each, chosen by weight.
 *
 * They only ask: what servers make of it is their business.
 */
import type { SimRandom } from '../support/sim-random.ts'
import { PORT, type SimHost } from './sim-host.ts'
import { sendStranger } from './stranger.ts'
import type { World } from './world.ts'

const MILLISECOND = 1000
const SECOND = 1_000_000
/** Within this time the slower end of a cut connection notices. */
const BLIND_MICROS_MAX = 30 * SECOND

type Mishap = { readonly weight: number; readonly name: string; readonly act: Act; readonly isMild?: true }
type Act = (world: World, random: SimRandom) => string | undefined

const MISHAPS: readonly Mishap[] = [
  { weight: 20, name: 'cut', act: cut, isMild: true },
  { weight: 8, name: 'half-close', act: halfClose, isMild: true },
  { weight: 10, name: 'stall', act: stall, isMild: true },
  { weight: 6, name: 'part', act: part, isMild: true },
  { weight: 8, name: 'promote', act: promote },
  { weight: 14, name: 'follow', act: follow },
  { weight: 8, name: 'crash', act: crash },
  { weight: 6, name: 'shut down', act: shutDown },
  { weight: 14, name: 'restart', act: restart },
  { weight: 5, name: 'configure', act: configure },
  { weight: 4, name: 'save', act: (world, random) => told(aHost(world, random), 'BGSAVE') },
  { weight: 5, name: 'kill clients', act: killClients, isMild: true },
  { weight: 2, name: 'fill disk', act: fillDisk },
  { weight: 4, name: 'fail over', act: failOver },
  { weight: 1, name: 'reload', act: (world, random) => told(aHost(world, random), 'DEBUG', 'RELOAD') },
  {
    weight: 3,
    name: 'pause',
    act: (world, random) => told(aHost(world, random), 'CLIENT', 'PAUSE', random.below(800)),
  },
  { weight: 6, name: 'stranger', act: stranger },
  { weight: 4, name: 'wait', act: wait, isMild: true },
]
const MILD = MISHAPS.filter(({ isMild }) => isMild)

/** Something happens; in a mild scenario only what breaks connections. */
export function act(world: World, random: SimRandom, isMild: boolean): void {
  const mishap = weighted(isMild ? MILD : MISHAPS, random)
  const what = mishap.act(world, random)
  world.trace(() => `${mishap.name}: ${what ?? 'nothing to do'}`)
}

function weighted(mishaps: readonly Mishap[], random: SimRandom): Mishap {
  let at = random.below(mishaps.reduce((sum, { weight }) => sum + weight, 0))
  for (const mishap of mishaps) {
    at -= mishap.weight
    if (at < 0) return mishap
  }
  throw new RangeError('weights do not add up')
}

function aHost(world: World, random: SimRandom): SimHost | undefined {
  const { up } = world
  return up.length === 0 ? undefined : random.pick(up)
}

/** An administrator says something. */
function told(host: SimHost | undefined, ...words: (string | number)[]): string | undefined {
  if (host === undefined) return undefined
  return `${host.name} ${words.join(' ')} ${host.ask(...words).trim()}`
}

function aLink(world: World, random: SimRandom) {
  const links = [...world.network.links]
  return links.length === 0 ? undefined : random.pick(links)
}

/** Both ends see it at once, or one of them much later. */
function cut(world: World, random: SimRandom): string | undefined {
  const link = aLink(world, random)
  if (link === undefined) return undefined
  const soon = (): number => random.below(10 * MILLISECOND)
  const late = (): number => random.skewed(10 * MILLISECOND, BLIND_MICROS_MAX)
  const [from, to] = random.pick([
    [soon, soon],
    [soon, late],
    [late, soon],
    [late, late],
  ] as const)
  link.cut(from(), to())
  return `${link.from} ${link.to}`
}

function halfClose(world: World, random: SimRandom): string | undefined {
  const link = aLink(world, random)
  if (link === undefined) return undefined
  const sender = random.pick([link.dialed, link.accepted])
  link.halfClose(sender)
  return `${sender.local} is heard no more by ${sender.remote}`
}

function stall(world: World, random: SimRandom): string | undefined {
  const link = aLink(world, random)
  if (link === undefined) return undefined
  const micros = random.skewed(10 * MILLISECOND, 20 * SECOND)
  link.stall(micros)
  return `${link.from} ${link.to} for ${micros / SECOND} s`
}

function part(world: World, random: SimRandom): string | undefined {
  const [a, b] = [random.pick(world.hosts), random.pick(world.hosts)]
  if (a === b) return undefined
  const micros = random.skewed(100 * MILLISECOND, 15 * SECOND)
  world.network.part(a.name, b.name, micros)
  return `${a.name} ${b.name} for ${micros / SECOND} s`
}

function promote(world: World, random: SimRandom): string | undefined {
  const replicas = world.up.filter((host) => host.isReplica)
  return replicas.length === 0 ? undefined : told(random.pick(replicas), 'REPLICAOF', 'NO', 'ONE')
}

/** Circles may come of it; calm ends them. */
function follow(world: World, random: SimRandom): string | undefined {
  const host = aHost(world, random)
  const other = random.pick(world.hosts)
  return host === other ? undefined : told(host, 'REPLICAOF', other.name, PORT)
}

function crash(world: World, random: SimRandom): string | undefined {
  const host = aHost(world, random)
  if (host === undefined) return undefined
  const isWiped = random.chance(30)
  host.kill()
  if (isWiped) host.disk.wipe()
  return `${host.name}${isWiped ? ', and its disk is lost' : ''}`
}

/** As an administrator would, with or without a last snapshot. */
function shutDown(world: World, random: SimRandom): string | undefined {
  const host = aHost(world, random)
  if (host === undefined) return undefined
  // It may wait for replicas that lag: whoever asks must not be asked for other things.
  host.client().say(['SHUTDOWN', random.chance(80) ? 'SAVE' : 'NOSAVE'])
  return host.name
}

/** A server that is down comes back: as a master, or as a replica of somebody. */
function restart(world: World, random: SimRandom): string | undefined {
  const down = world.hosts.filter(({ isUp }) => !isUp)
  if (down.length === 0) return undefined
  const host = random.pick(down)
  const others = world.hosts.filter((other) => other !== host)
  const master = random.chance(70) ? random.pick(others) : undefined
  host.start(master)
  return `${host.name}${master === undefined ? '' : `, a replica of ${master.name}`} (${host.disk.names})`
}

function configure(world: World, random: SimRandom): string | undefined {
  const [name, value] = random.pick([
    ['repl-backlog-size', random.pick(['1', '20kb', '64kb', '1mb'])],
    ['repl-backlog-ttl', random.pick(['1', '10'])],
    ['repl-timeout', random.pick(['3', '8'])],
    ['repl-diskless-sync', random.pick(['yes', 'no'])],
    ['repl-diskless-load', random.pick(['disabled', 'swapdb'])],
    ['repl-ping-replica-period', random.pick(['1', '5'])],
    ['client-output-buffer-limit', random.pick(['replica 40kb 20kb 2', 'replica 256mb 64mb 60'])],
    ['min-replicas-to-write', random.pick(['0', '1'])],
  ] as const)
  return told(aHost(world, random), 'CONFIG', 'SET', name, value)
}

function killClients(world: World, random: SimRandom): string | undefined {
  return told(aHost(world, random), 'CLIENT', 'KILL', 'TYPE', random.pick(['replica', 'master']))
}

function fillDisk(world: World, random: SimRandom): string | undefined {
  const host = aHost(world, random)
  if (host === undefined) return undefined
  host.disk.isFull = !host.disk.isFull
  return `${host.name} ${host.disk.isFull ? 'is full' : 'has room'}`
}

function failOver(world: World, random: SimRandom): string | undefined {
  const timeout = ['TIMEOUT', random.between(100, 3000)]
  const target = ['TO', random.pick(world.hosts).name, PORT]
  const words = random.pick([
    [],
    timeout,
    [...target, ...timeout],
    [...target, 'FORCE', ...timeout],
    ['ABORT'],
  ])
  return told(aHost(world, random), 'FAILOVER', ...words)
}

function stranger(world: World, random: SimRandom): string | undefined {
  const host = aHost(world, random)
  return host === undefined ? undefined : sendStranger(world, random, host)
}

/** A client writes and waits for replicas, perhaps in vain: as many as it is told must have been so far. */
function wait(world: World, random: SimRandom): string | undefined {
  const host = aHost(world, random)
  if (host === undefined) return undefined
  const client = host.client()
  client.say(['SET', 'waited', random.hex(8)])
  const { place } = host
  client.onReply = (text) => {
    const [, count] = /^:(\d+)\r\n$/.exec(text) ?? []
    world.trace(() => `WAIT on ${host.name} for byte ${place.offset} is answered ${text.trim()}`)
    if (count !== undefined) world.expectReached(host, place, Number(count))
  }
  client.say(['WAIT', random.between(1, 3), random.between(1, 2000)])
  return host.name
}
