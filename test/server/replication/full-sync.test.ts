/**
 * Full syncs and what comes in between, in virtual time: what other commands do while a snapshot is on its way,
 * and replicas that leave. What arrives is loaded again: the snapshot and the stream behind it must be one.
 */
import { describe, expect, it } from 'vitest'
import type { Peer } from '../../../src/ports.ts'
import type { Session } from '../../../src/server/session.ts'
import { type ScriptedMaster, type ScriptOptions, scriptedMaster } from '../../support/scripted-master.ts'

/** A replica that takes what it is told to take. */
class Follower implements Peer {
  readonly remote = '127.0.0.1:40000'
  readonly local = '127.0.0.1:7000'
  waitingBytes = 0
  isClosed = false
  readonly session: Session
  readonly #came: Buffer[] = []

  constructor(master: ScriptedMaster) {
    this.session = master.server.connect(this)
  }

  send(pieces: readonly (string | Buffer)[]): void {
    for (const piece of pieces) {
      this.#came.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece))
    }
  }

  close(): void {
    this.isClosed = true
  }

  destroy(): void {
    this.isClosed = true
  }

  pause(): void {}

  resume(): void {}

  /** An inline command. */
  say(line: string): void {
    this.session.push(Buffer.from(`${line}\r\n`, 'latin1'))
  }

  /** The connection takes nothing, or all. */
  take(isTaking: boolean): void {
    this.waitingBytes = isTaking ? 0 : 10_000_000
    if (isTaking) this.session.drained()
  }

  get came(): Buffer {
    return Buffer.concat(this.#came)
  }

  /** It asks for everything, with a snapshot that ends with a mark. */
  follow(): this {
    this.say('REPLCONF capa eof capa psync2')
    this.say('PSYNC ? -1')
    return this
  }
}

/** A server that somebody may follow. */
function server(config: ScriptOptions['config'] = {}): ScriptedMaster {
  const all = { 'repl-diskless-sync-delay': 0, 'repl-ping-replica-period': 3600, ...config }
  return scriptedMaster({ isConfigured: false, config: all })
}

/** The digest of a replica that takes in these bytes of a master: answers, a snapshot, the stream. */
function digestBehind(bytes: Buffer): string {
  const at = bytes.indexOf('+FULLRESYNC')
  const replica = scriptedMaster()
  replica.greet()
  replica.say(bytes.subarray(at))
  replica.pass(1)
  expect(replica.state).toBe('connected')
  return replica.ask('DEBUG', 'DIGEST')
}

/** Where a snapshot is on its way to one replica that does not read, and another one waits for the next. */
function twoReplicas(config: ScriptOptions['config'] = {}) {
  const master = server(config)
  master.ask('DEBUG', 'POPULATE', 3000)
  master.ask('SET', 'n', 1)
  const first = new Follower(master)
  first.follow()
  first.take(false)
  const second = new Follower(master).follow()
  expect(second.came.toString()).not.toContain('FULLRESYNC')
  return { master, first, second }
}

/** Both have the same, once all has come. */
function expectSame(master: ScriptedMaster, replica: Follower): void {
  master.pass(3)
  replica.say('REPLCONF ACK 0')
  master.pass(0.1)
  expect(replica.isClosed).toBe(false)
  expect(digestBehind(replica.came)).toBe(master.ask('DEBUG', 'DIGEST'))
}

describe('while a snapshot is on its way and a replica waits for the next', () => {
  it('FLUSHALL begins it anew, behind the command', () => {
    const { master, first, second } = twoReplicas({ save: '3600 1' })
    master.ask('FLUSHALL')
    expect(first.isClosed).toBe(true)
    for (let i = 0; i < 1000; i++) master.ask('INCRBY', `n${i % 100}`, i)
    expectSame(master, second)
  })

  it('FLUSHALL within a transaction counts nothing twice', () => {
    const { master, second } = twoReplicas()
    for (const line of ['MULTI', 'FLUSHALL', 'INCR n', 'LPUSH l a', 'EXEC']) master.ask(...line.split(' '))
    expectSame(master, second)
  })

  it('DEBUG RELOAD takes nothing away from it', () => {
    const { master, second } = twoReplicas()
    master.ask('DEBUG', 'RELOAD')
    master.ask('INCR', 'n')
    expectSame(master, second)
  })

  it('a SHUTDOWN that cannot save leaves it whole', () => {
    const { master, second } = twoReplicas({ 'shutdown-timeout': 0 })
    // There is room for a file, and none for what is in it.
    let looks = 0
    Object.defineProperty(master.disk, 'isFull', { get: () => looks++ > 0, configurable: true })
    expect(master.ask('SHUTDOWN', 'SAVE')).toContain('Errors trying to SHUTDOWN')
    Object.defineProperty(master.disk, 'isFull', { value: false })
    for (let i = 0; i < 10; i++) master.ask('INCR', 'n')
    expectSame(master, second)
  })
})

describe('FLUSHALL', () => {
  it('leaves an empty snapshot on disk where there are save points, as nothing else may come back', () => {
    const master = server({ save: '3600 1' })
    master.ask('SET', 'k', 'v')
    master.ask('SAVE')
    master.ask('FLUSHALL')
    expect(master.info('rdb_changes_since_last_save', 'persistence')).toBe('0')
    expect(master.ask('DEBUG', 'RELOAD', 'NOSAVE')).toBe('OK')
    expect(master.ask('DBSIZE')).toBe('0')
  })
})

describe('a snapshot by way of the disk', () => {
  const config = { 'repl-diskless-sync': 'no' }

  it('ends with the last replica that waits for it, also where others follow already', () => {
    const master = server(config)
    const online = new Follower(master).follow()
    master.pass(1)
    online.say('REPLCONF ACK 0')
    master.ask('DEBUG', 'POPULATE', 30_000)
    const gone = new Follower(master).follow()
    expect(master.info('rdb_bgsave_in_progress', 'persistence')).toBe('1')
    gone.session.destroy()
    expect(master.info('rdb_bgsave_in_progress', 'persistence')).toBe('0')
    expect(online.isClosed).toBe(false)
  })

  it('is written to its end where there are save points', () => {
    const master = server({ ...config, save: '3600 1' })
    master.ask('DEBUG', 'POPULATE', 30_000)
    new Follower(master).follow().session.destroy()
    expect(master.info('rdb_bgsave_in_progress', 'persistence')).toBe('1')
  })

  it('that cannot be written ends the sync, and is told as an error of saving', () => {
    const master = server(config)
    // There is room for a file, and none for what is in it.
    let looks = 0
    Object.defineProperty(master.disk, 'isFull', { get: () => looks++ > 0, configurable: true })
    const replica = new Follower(master).follow()
    master.pass(1)
    expect(replica.isClosed).toBe(true)
    expect(master.log).toContain('Background saving error')
    expect(master.log).toContain('SYNC failed. BGSAVE child returned an error')
    expect(master.info('rdb_last_bgsave_status', 'persistence')).toBe('err')
  })

  it('that cannot be read again costs the replica its connection, and nobody else anything', () => {
    const master = server(config)
    const replica = new Follower(master).follow()
    const { saver } = master.server.state
    saver.open = () => {
      throw new Error('EMFILE: too many open files')
    }
    master.pass(1)
    expect(replica.isClosed).toBe(true)
    expect(master.log).toContain('SYNC failed. EMFILE: too many open files')
    expect(master.ask('PING')).toBe('PONG')
  })
})

describe('a snapshot that is slow on purpose', () => {
  const config = { 'rdb-key-save-delay': 100_000 }

  it('takes so long for each key, whatever the parameter says when it has begun', () => {
    const master = server(config)
    master.ask('DEBUG', 'POPULATE', 20)
    const replica = new Follower(master).follow()
    master.ask('CONFIG', 'SET', 'rdb-key-save-delay', 0)
    master.pass(1.9)
    expect(master.info('rdb_bgsave_in_progress', 'persistence')).toBe('1')
    expect(Number(master.info('current_save_keys_processed', 'persistence'))).toBeGreaterThan(15)
    master.ask('INCR', 'n')
    master.pass(0.3)
    expect(master.info('rdb_bgsave_in_progress', 'persistence')).toBe('0')
    expectSame(master, replica)
  })

  it('can be ended, and the next one is driven once', () => {
    const master = server({ ...config, 'repl-diskless-sync': 'no' })
    master.ask('DEBUG', 'POPULATE', 20)
    new Follower(master).follow().session.destroy()
    expect(master.info('rdb_bgsave_in_progress', 'persistence')).toBe('0')
    const replica = new Follower(master).follow()
    master.pass(1.9)
    expect(master.info('rdb_bgsave_in_progress', 'persistence')).toBe('1')
    master.pass(0.3)
    expectSame(master, replica)
  })

  it.each([
    ['disabled', 0],
    ['swapdb', 1],
  ])('to be loaded (%s): clients are told to wait, and what comes meanwhile waits too', (mode) => {
    const master = server()
    master.ask('DEBUG', 'POPULATE', 100)
    const follower = new Follower(master).follow()
    master.pass(1)
    follower.say('REPLCONF ACK 0')
    master.ask('SET', 'k', 'v')
    const bytes = follower.came
    const replica = scriptedMaster({ config: { 'key-load-delay': 10_000, 'repl-diskless-load': mode } })
    replica.greet()
    replica.say(bytes.subarray(bytes.indexOf('+FULLRESYNC')), 100)
    replica.pass(0.9)
    expect(replica.ask('GET', 'k')).toContain('LOADING')
    expect(replica.call.peer.isPaused).toBe(true)
    replica.pass(0.5)
    expect(replica.ask('GET', 'k')).toBe('v')
    expect(replica.call.peer.isPaused).toBe(false)
    expect(replica.ask('DEBUG', 'DIGEST')).toBe(master.ask('DEBUG', 'DIGEST'))
  })

  it('is loaded fast again when the delay is taken away, and forgotten where the link breaks', () => {
    const master = server()
    master.ask('DEBUG', 'POPULATE', 100)
    const follower = new Follower(master).follow()
    master.pass(1)
    const bytes = follower.came
    const config = { 'key-load-delay': 10_000_000, 'repl-diskless-load': 'swapdb' }
    const replica = scriptedMaster({ config })
    replica.ask('SET', 'mine', 'v')
    replica.greet()
    const snapshot = bytes.subarray(bytes.indexOf('+FULLRESYNC'))
    replica.say(snapshot.subarray(0, -1))
    replica.pass(5)
    expect(replica.info('loading', 'persistence')).toBe('1')
    replica.hangUp()
    expect(replica.info('loading', 'persistence')).toBe('0')
    expect(replica.log.at(-5)).toMatch(/^Internal error in RDB reading offset \d+ -> Unexpected EOF/)
    expect(replica.log.slice(-4)).toEqual([
      'Failed trying to load the MASTER synchronization DB from socket: Resource temporarily unavailable',
      'MASTER <-> REPLICA sync: Discarding temporary DB in background',
      'Reconnecting to MASTER master:6379 after failure',
      'MASTER <-> REPLICA sync started',
    ])
    replica.pass(2)
    replica.greet()
    replica.say(snapshot)
    replica.pass(5)
    expect(replica.state).toBe('transfer')
    replica.ask('CONFIG', 'SET', 'key-load-delay', 0)
    replica.pass(0.2)
    expect(replica.state).toBe('connected')
    expect(replica.ask('DBSIZE')).toBe('100')
  })
})

describe('what is logged of a snapshot to sockets', () => {
  it('says how many replicas are left at its end', () => {
    const config = { 'rdb-key-save-delay': 100_000, 'repl-diskless-sync-max-replicas': 2 }
    const master = server({ ...config, 'repl-diskless-sync-delay': 60 })
    master.ask('DEBUG', 'POPULATE', 20)
    const both = [new Follower(master).follow(), new Follower(master).follow()]
    master.pass(1.1)
    expect(master.log.at(-1)).toMatch(/Background RDB transfer started by pid \d+/)
    both[0]!.session.destroy()
    master.pass(3)
    expect(master.log).toContain('Diskless rdb transfer, done reading from pipe, 1 replicas still up.')
    expectSame(master, both[1]!)
  })
})

describe('the memory of the stream', () => {
  const config = { 'repl-backlog-size': 16384, 'client-output-buffer-limit': 'replica 0 0 0' }

  function memory(master: ScriptedMaster): Record<string, number> {
    const names = ['used_memory', 'mem_not_counted_for_evict', 'mem_replication_backlog']
    names.push('mem_total_replication_buffers', 'mem_clients_slaves')
    return Object.fromEntries(names.map((name) => [name, Number(master.info(name, 'memory'))]))
  }

  it('is shared by all replicas, counted for those that are behind, and given back when they leave', () => {
    const master = server(config)
    const replicas = [1, 2].map(() => new Follower(master).follow())
    master.pass(1)
    for (const replica of replicas) replica.say('REPLCONF ACK 0')
    const before = memory(master)
    for (const replica of replicas) replica.take(false)
    for (let i = 0; i < 100; i++) master.ask('SETRANGE', 'k', 0, 'x'.repeat(20_000))
    const full = memory(master)
    const total = full.mem_total_replication_buffers!
    expect(total).toBeGreaterThan(2_000_000)
    expect(total).toBeLessThan(2_500_000)
    expect(full.mem_clients_slaves).toBe(total - 16384)
    expect(full.mem_replication_backlog).toBe(16384)
    // As a real server has it: two blocks' management beside the backlog.
    expect(full.mem_not_counted_for_evict).toBe(total - 16384 - 128)
    const line = master.ask('CLIENT', 'LIST', 'TYPE', 'replica')
    expect(Number(/tot-mem=(\d+)/.exec(line)?.[1])).toBeGreaterThan(2_000_000)
    expect(full.used_memory! - before.used_memory!).toBeGreaterThan(2_000_000)
    replicas[0]!.session.destroy()
    expect(memory(master).mem_total_replication_buffers).toBe(total)
    replicas[1]!.session.destroy()
    master.pass(1)
    const after = memory(master)
    expect(after.mem_clients_slaves).toBe(0)
    expect(after.mem_total_replication_buffers).toBeLessThan(60_000)
    expect(after.mem_replication_backlog).toBe(after.mem_total_replication_buffers)
  })

  it('makes no key go: each would be one more command for the replicas', () => {
    const master = server({ ...config, 'maxmemory-policy': 'allkeys-random' })
    master.ask('DEBUG', 'POPULATE', 100)
    const replica = new Follower(master).follow()
    master.pass(1)
    replica.say('REPLCONF ACK 0')
    master.ask('SETRANGE', 'k', 0, 'x'.repeat(20_000))
    master.ask('CONFIG', 'SET', 'maxmemory', Number(master.info('used_memory', 'memory')) + 32 * 1024)
    replica.take(false)
    for (let i = 0; i < 100; i++) master.ask('SETRANGE', 'k', 0, 'x'.repeat(20_000))
    expect(master.info('evicted_keys', 'stats')).toBe('0')
  })
})

describe('a replica that is behind', () => {
  /** The replica takes nothing more. */
  function withReplica(config: ScriptOptions['config'] = {}) {
    const master = server(config)
    const replica = new Follower(master).follow()
    master.pass(1)
    replica.say('REPLCONF ACK 0')
    return { master, replica }
  }

  it('is cut off by what is kept for it when a block is added, however fast it would take it', () => {
    const config = { 'repl-backlog-size': 16384, 'client-output-buffer-limit': 'replica 100kb 0 0' }
    const { master, replica } = withReplica(config)
    master.ask('SET', 'k', 'x'.repeat(50_000))
    expect(replica.isClosed).toBe(false)
    // 20,480 bytes of a block, and its place in the list.
    expect(master.ask('CLIENT', 'LIST', 'TYPE', 'replica')).toMatch(/ oll=1 omem=20504 /)
    master.ask('SET', 'k', 'x'.repeat(200_000))
    expect(replica.isClosed).toBe(true)
    expect(master.log.join('\n')).toMatch(
      /scheduled to be closed ASAP for overcoming of output buffer limits/,
    )
  })

  it('is waited for by SHUTDOWN, and INFO tells how long yet', () => {
    const { master, replica } = withReplica()
    const client = new Follower(master)
    expect(master.info('connected_clients', 'clients')).toBe('2')
    replica.take(false)
    master.ask('SET', 'k', 'v')
    expect(master.info('shutdown_in_milliseconds', 'server')).toBeUndefined()
    client.say('SHUTDOWN')
    master.pass(1)
    expect(Number(master.info('shutdown_in_milliseconds', 'server'))).toBe(9000)
    replica.say(`REPLCONF ACK ${master.offset}`)
    master.pass(0.2)
    expect(master.log).toContain('1 of 1 replicas are in sync when shutting down.')
  })
})

describe('a replica that talks out of turn', () => {
  it.each([
    ['PING', 'ping', undefined],
    ['XINFO HELP', 'xinfo|help', undefined],
    ['GET k', 'get', "Replica can't interact with the keyspace"],
    ['SELECT 99', 'select', 'DB index is out of range'],
    ['SLOWLOG NOSUCH', '<unknown>', "unknown subcommand 'NOSUCH'. Try SLOWLOG HELP."],
    ['CONFIG RESETSTAT x', 'config|resetstat', "wrong number of arguments for 'config|resetstat' command"],
  ])('is cut off, and the log says why: %s', (line, name, error) => {
    const master = server()
    const replica = new Follower(master).follow()
    master.pass(1)
    replica.say(line)
    expect(replica.isClosed).toBe(true)
    const said = master.log.join('\n')
    expect(said).toContain(`Replica generated a reply to command '${name}', disconnecting it: id=`)
    const critical = `== CRITICAL == This master is sending an error to its replica: '${error}' after`
    expect(said.includes(`${critical} processing the command '${name}'`)).toBe(error !== undefined)
    expect(master.info('unexpected_error_replies', 'stats')).toBe(error === undefined ? '0' : '1')
  })
})

describe('clients of a master', () => {
  it('that WAIT in vain and leave are forgotten', () => {
    const master = server()
    const { waits } = master.server.state.replication
    for (let i = 0; i < 100; i++) {
      const client = new Follower(master)
      client.say('WAIT 1 0')
      client.session.destroy()
    }
    expect(waits.count).toBe(0)
  })

  it('may write at once where CONFIG SET asks for a replica that is there', () => {
    const master = server()
    const replica = new Follower(master).follow()
    master.pass(1)
    replica.say('REPLCONF ACK 0')
    master.ask('CONFIG', 'SET', 'min-replicas-to-write', 1)
    expect(master.ask('SET', 'k', 'v')).toBe('OK')
  })

  it('that WAIT do not move the stream while writes are held', () => {
    const master = server()
    const replica = new Follower(master).follow()
    master.pass(1)
    replica.say('REPLCONF ACK 0')
    master.ask('SET', 'k', 'v')
    master.ask('CLIENT', 'PAUSE', 5000, 'WRITE')
    const { offset } = master
    new Follower(master).say('WAIT 2 0')
    master.pass(2)
    expect(master.offset).toBe(offset)
    master.pass(4)
    expect(master.offset).toBeGreaterThan(offset)
  })

  it('are no replicas by what they say of themselves: maxmemory-clients counts them', () => {
    const master = server({ 'maxmemory-clients': 1_000_000 })
    const client = new Follower(master)
    client.say('REPLCONF ack 1')
    client.waitingBytes = 5_000_000
    master.pass(1)
    expect(client.isClosed).toBe(true)
  })
})
