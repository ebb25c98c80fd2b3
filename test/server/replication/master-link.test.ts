/**
 * The reference as a replica, against a master that says what the test wants, in virtual time: every row of
 * the tables in the protocol's facts: what is said, what is tolerated, when the next attempt is made.
 */
import { describe, expect, it } from 'vitest'
import {
  LINK_TRANSITIONS,
  LOSSES,
  nextLinkState,
  roleText,
} from '../../../src/server/replication/link-states.ts'
import { type ScriptedMaster, scriptedMaster } from '../../support/scripted-master.ts'

const ID = 'a'.repeat(40)
const ID2 = 'b'.repeat(40)
const MARK = 'c'.repeat(40)

/** A snapshot of some keys. */
function snapshotOf(...commands: readonly string[]): Buffer {
  const source = scriptedMaster({ isConfigured: false })
  for (const command of commands) source.ask(...command.split(' '))
  const bytes = source.snapshot()
  source.stop()
  return bytes
}

/** Follows from its first word to the stream, with the keys of `snapshot`. */
function following(
  options: Parameters<typeof scriptedMaster>[0] = {},
  snapshot = snapshotOf('SET old value'),
  offset = 100,
): ScriptedMaster {
  const master = scriptedMaster(options)
  master.greet()
  master.say(`+FULLRESYNC ${ID} ${offset}\r\n$${snapshot.length}\r\n`)
  master.say(snapshot)
  master.pass(0.1)
  expect(master.state).toBe('connected')
  master.heard()
  return master
}

function command(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

const SET = command('SET', 'k', 'v')

describe('the states of a link', () => {
  it('lead to each other as the table says, and nowhere else', () => {
    for (const [state, inputs] of Object.entries(LINK_TRANSITIONS)) {
      for (const next of Object.values(inputs)) expect(Object.keys(LOSSES)).toContain(next)
      expect(roleText(state as keyof typeof LOSSES)).toMatch(
        /^(none|connect|connecting|handshake|sync|connected)$/,
      )
    }
    expect(() => nextLinkState('none', 'loaded')).toThrow()
  })
})

describe('the first words', () => {
  it('are PING, then everything at once, then PSYNC', () => {
    const master = scriptedMaster()
    expect(master.state).toBe('connecting')
    expect(master.ask('ROLE')).toBe('array')
    master.accept()
    expect(master.heard()).toEqual(['PING'])
    master.say('+PONG\r\n')
    expect(master.heard()).toEqual(['REPLCONF listening-port 7000', 'REPLCONF capa eof capa psync2'])
    master.say('+OK\r\n')
    expect(master.state).toBe('receive-capa-reply')
    expect(master.heard()).toEqual([])
    master.say('+OK\r\n')
    expect(master.heard()).toEqual(['PSYNC ? -1'])
    expect(master.state).toBe('receive-psync-reply')
  })

  it('tell who we are where that is configured', () => {
    const config = {
      masteruser: 'u',
      masterauth: 'p',
      'replica-announce-ip': '10.0.0.1',
      'replica-announce-port': 7777,
    }
    const master = scriptedMaster({ config })
    master.accept()
    master.heard()
    master.say('-NOAUTH Authentication required.\r\n')
    expect(master.heard()).toEqual([
      'AUTH u p',
      'REPLCONF listening-port 7777',
      'REPLCONF ip-address 10.0.0.1',
      'REPLCONF capa eof capa psync2',
    ])
    master.say('+OK\r\n')
    expect(master.state).toBe('receive-port-reply')
    master.say('-ERR unknown command\r\n-ERR unknown command\r\n-ERR unknown command\r\n')
    expect(master.heard()).toEqual(['PSYNC ? -1'])
    expect(master.log).toContain(
      '(Non critical) Master does not understand REPLCONF ip-address: -ERR unknown command',
    )
  })

  it.each(['+PONG', '+anything', '-NOAUTH x', '-NOPERM x', '-ERR operation not permitted'])(
    'go on after %s',
    (reply) => {
      const master = scriptedMaster()
      master.accept()
      master.say(`${reply}\r\n`)
      expect(master.state).toBe('receive-port-reply')
    },
  )

  it.each(['-LOADING x', '-MASTERDOWN x', '-ERR other', '$4\r\nPONG', ':1', 'HTTP/1.1 400 Bad Request'])(
    'end at %s; a second later they begin anew',
    (reply) => {
      const master = scriptedMaster()
      master.accept()
      master.say(`${reply}\r\n`)
      expect(master.call.peer.isDestroyed).toBe(true)
      expect(master.state).toBe('connect')
      expect(master.calls).toHaveLength(1)
      master.pass(1)
      expect(master.calls).toHaveLength(2)
    },
  )

  it('end where the password is wrong', () => {
    const master = scriptedMaster({ config: { masterauth: 'p' } })
    master.accept()
    master.say('+PONG\r\n-WRONGPASS invalid\r\n+OK\r\n+OK\r\n')
    expect(master.state).toBe('connect')
    expect(master.log).toContain('Unable to AUTH to MASTER: -WRONGPASS invalid')
    master.pass(1)
    expect(master.calls).toHaveLength(2)
  })

  it.each([
    ['a line', '+', 'x'],
    ['an array', '*1000000000\r\n', ':1\r\n'],
    ['a text', '$500000000\r\n', 'x'],
  ])('are no place for a reply without an end: %s', (_what, begin, more) => {
    const master = scriptedMaster()
    master.accept()
    master.say(begin)
    for (let i = 0; i < 20 && master.state !== 'connect'; i++) master.say(more.repeat(10_000))
    expect(master.state).toBe('connect')
    expect(master.log.at(-1)).toMatch(/^Bad protocol from MASTER during SYNC handshake/)
    expect(master.call.peer.isDestroyed).toBe(true)
  })

  it('are cut anywhere', () => {
    const master = scriptedMaster()
    master.accept()
    master.say(`+PONG\r\n+OK\r\n+OK\r\n\n\n+FULLRESYNC ${ID} 7\r\n`, 1)
    expect(master.state).toBe('transfer')
    expect(master.log).toContain(`Full resync from master: ${ID}:7`)
  })
})

describe('an attempt', () => {
  it('is made each second while nobody is there', () => {
    const master = scriptedMaster()
    for (let i = 1; i < 5; i++) {
      master.hangUp('Connection refused')
      expect(master.log.at(-1)).toBe('Error condition on socket for SYNC: Connection refused')
      expect(master.calls).toHaveLength(i)
      master.pass(1)
    }
    expect(master.calls).toHaveLength(5)
  })

  it('is given up when nothing is heard for repl-timeout, and the next one made at once', () => {
    for (const until of ['nothing', 'connection', 'pong', 'psync'] as const) {
      const master = scriptedMaster({ config: { 'repl-timeout': 5 } })
      if (until === 'psync') master.greet()
      else if (until !== 'nothing') master.accept()
      if (until === 'pong') master.say('+PONG\r\n')
      master.pass(5)
      expect([until, master.calls.length]).toEqual([until, 1])
      master.pass(2)
      expect([until, master.calls.length]).toEqual([until, 2])
      expect(master.log).toContain('Timeout connecting to the MASTER...')
    }
  })

  it('waits on as long as the master says newlines', () => {
    const master = scriptedMaster({ config: { 'repl-timeout': 5 } })
    master.greet()
    for (let i = 0; i < 20; i++) {
      master.say('\n')
      master.pass(1)
    }
    expect(master.calls).toHaveLength(1)
    expect(master.state).toBe('receive-psync-reply')
  })

  it('that ends in the handshake is repeated by the next second', () => {
    const master = scriptedMaster()
    master.accept()
    master.hangUp()
    expect(master.log).toContain('Master did not respond to command during SYNC handshake')
    expect(master.calls).toHaveLength(1)
    master.pass(1)
    master.greet()
    master.hangUp()
    expect(master.log).toContain('Master did not reply to PSYNC, will try later')
    expect(master.calls).toHaveLength(2)
    master.pass(1)
    expect(master.calls).toHaveLength(3)
  })
})

describe('PSYNC', () => {
  it('offers our own history where a master is told to follow', () => {
    const master = scriptedMaster({ isConfigured: false })
    const id = master.info('master_replid')
    expect(master.ask('REPLICAOF', 'master', 6379)).toBe('OK')
    expect(master.calls).toHaveLength(1)
    master.greet()
    expect(master.heard().at(-1)).toBe(`PSYNC ${id} 1`)
  })

  it.each(['-NOMASTERLINK Can’t SYNC', '-LOADING Redis is loading'])(
    'is repeated in a second after %s',
    (no) => {
      const master = scriptedMaster({ isConfigured: false })
      master.ask('REPLICAOF', 'master', 6379)
      master.greet()
      const asked = master.heard().at(-1)
      master.say(`${no.replace('’', "'")}\r\n`)
      expect(master.calls).toHaveLength(1)
      master.pass(1)
      expect(master.calls).toHaveLength(2)
      master.greet()
      expect(master.heard().at(-1)).toBe(asked)
    },
  )

  it.each(['-ERR unknown command', '-MASTERDOWN x', '+WHAT'])('becomes SYNC after %s', (no) => {
    const master = scriptedMaster()
    master.greet()
    master.heardBytes()
    master.say(`${no}\r\n`)
    expect(master.heardBytes()).toBe('SYNC\r\n')
    expect(master.state).toBe('transfer')
    const snapshot = snapshotOf('SET a 1')
    master.say(`\n$${snapshot.length}\r\n`)
    master.say(snapshot)
    master.pass(0.1)
    expect(master.state).toBe('connected')
    expect(master.ask('GET', 'a')).toBe('1')
    master.heard()
    // It does not want to know how far we are.
    master.say(command('SET', 'a', '2'))
    master.pass(3)
    expect(master.ask('GET', 'a')).toBe('2')
    expect(master.heard()).toEqual([])
  })

  it('and SYNC refused: the next attempt is made at once', () => {
    const master = scriptedMaster()
    master.greet()
    master.say('-ERR unknown command\r\n')
    master.say('-ERR no\r\n')
    expect(master.log).toContain('MASTER aborted replication with an error: -ERR no')
    expect(master.calls).toHaveLength(2)
  })

  it('answered by an id that is none: as a master from before PSYNC', () => {
    const master = scriptedMaster()
    const snapshot = snapshotOf('SET a 1')
    master.greet()
    master.say(`+FULLRESYNC short 5\r\n$${snapshot.length}\r\n`)
    master.say(snapshot)
    master.pass(1.5)
    expect(master.log).toContain('Master replied with wrong +FULLRESYNC syntax.')
    expect(master.state).toBe('connected')
    expect(master.info('master_replid')).toBe('')
    expect(master.heard().filter((line) => line.startsWith('REPLCONF ACK'))).toEqual([])
  })

  it('that was not asked to go on cannot be told so', () => {
    const master = scriptedMaster()
    master.greet()
    master.say('+CONTINUE\r\n')
    expect(master.state).toBe('connect')
    master.pass(1)
    expect(master.calls).toHaveLength(2)
  })
})

describe('a snapshot', () => {
  it.each(['length', 'mark'])('by %s is acknowledged as Redis does it', (framing) => {
    const master = scriptedMaster()
    const snapshot = snapshotOf('SET a 1', 'SELECT 3', 'SET b 2')
    master.greet()
    master.heard()
    master.say(`+FULLRESYNC ${ID} 1000\r\n`)
    if (framing === 'length') master.say(`\n$${snapshot.length}\r\n${snapshot.toString('latin1')}`, 7)
    else master.say(`$EOF:${MARK}\r\n${snapshot.toString('latin1')}${MARK}`, 7)
    expect(master.heard()).toEqual(['\\n'])
    master.pass(0.05)
    expect(master.heard()).toEqual(framing === 'mark' ? ['REPLCONF ACK 1000'] : [])
    master.pass(1)
    expect(master.heard()).toEqual(['REPLCONF ACK 1000'])
    expect(master.ask('GET', 'a')).toBe('1')
    expect(master.info('master_replid')).toBe(ID)
    expect(master.info('master_repl_offset')).toBe('1000')
    expect(master.info('repl_backlog_first_byte_offset')).toBe('1001')
    expect(master.disk.names).toEqual(['dump.rdb'])
  })

  it('may have the stream glued to its end', () => {
    for (const size of [1, 5, 100_000]) {
      const master = scriptedMaster()
      const snapshot = snapshotOf('SET a 1')
      master.greet()
      const stream = `${command('SELECT', '2')}${SET}${command('INCR', 'n').slice(0, 10)}`
      master.say(
        `+FULLRESYNC ${ID} 0\r\n$${snapshot.length}\r\n${snapshot.toString('latin1')}${stream}`,
        size,
      )
      master.pass(0.1)
      expect(master.offset).toBe(23 + SET.length)
      master.say(command('INCR', 'n').slice(10))
      expect(master.offset).toBe(23 + SET.length + command('INCR', 'n').length)
      master.ask('SELECT', 2)
      expect(master.ask('GET', 'k')).toBe('v')
      expect(master.ask('GET', 'n')).toBe('1')
    }
  })

  it.each(['disabled', 'swapdb', 'on-empty-db'])('that is no good loses nothing (%s)', (mode) => {
    const good = snapshotOf('SET new 1')
    const damaged = Buffer.from(good)
    damaged[good.length - 20]! ^= 0xff
    const tooNew = Buffer.from(good)
    tooNew.write('0012', 5, 'latin1')
    for (const [bytes, why] of [
      [damaged, undefined],
      [good.subarray(0, good.length - 12), undefined],
      [tooNew, "Can't handle RDB format version 12"],
      [Buffer.from('nonsense'), undefined],
    ] as const) {
      const master = following({ config: { 'repl-diskless-load': mode } })
      const saved = [...master.disk.names]
      master.hangUp()
      master.greet()
      master.say(`+FULLRESYNC ${ID2} 5\r\n$${bytes.length}\r\n`)
      master.say(bytes)
      master.pass(0.1)
      expect(master.ask('GET', 'old')).toBe('value')
      expect(master.info('loading', 'persistence')).toBe('0')
      expect(master.disk.names).toEqual(saved)
      if (why !== undefined) expect(master.log).toContain(why)
      // Again at once, and (as Redis does it) without a history to go on from, once it was being loaded.
      expect(master.calls.length).toBeGreaterThanOrEqual(3)
      master.greet()
      expect(master.heard().at(-1)).toBe(mode === 'swapdb' ? `PSYNC ${ID} 101` : 'PSYNC ? -1')
      master.say(`+FULLRESYNC ${ID2} 5\r\n$${good.length}\r\n`)
      master.say(good)
      master.pass(0.1)
      expect(master.ask('GET', 'old')).toBe('')
      expect(master.ask('GET', 'new')).toBe('1')
    }
  })

  it('that is cut is asked for at once again, and the old data served meanwhile', () => {
    const master = following()
    master.hangUp()
    master.greet()
    master.say(`+FULLRESYNC ${ID2} 5\r\n$1000\r\nREDIS0010`)
    expect(master.info('master_sync_in_progress')).toBe('1')
    expect(master.info('master_sync_left_bytes')).toBe('991')
    expect(master.ask('GET', 'old')).toBe('value')
    const { length } = master.calls
    master.hangUp()
    expect(master.calls).toHaveLength(length + 1)
    expect(master.log).toContain('I/O error trying to sync with MASTER: connection lost')
    master.greet()
    expect(master.heard().at(-1)).toBe(`PSYNC ${ID} 101`)
  })

  it('that does not come on is given up after repl-timeout', () => {
    const master = scriptedMaster({ config: { 'repl-timeout': 5 } })
    master.greet()
    master.say(`+FULLRESYNC ${ID2} 5\r\n$1000\r\nREDIS0010`)
    master.pass(7)
    expect(master.log.some((line) => line.startsWith('Timeout receiving bulk data from MASTER'))).toBe(true)
    expect(master.calls).toHaveLength(2)
  })

  it('that does not come on while it is loaded as it comes is given up too, and saved by nobody', () => {
    const config = { 'repl-diskless-load': 'swapdb', 'repl-timeout': 5 }
    const master = following({ config: { ...config, save: '1 1' } })
    master.say(SET)
    master.hangUp()
    master.greet()
    master.say(`+FULLRESYNC ${ID} 5000\r\n$1000\r\nREDIS0010`)
    master.pass(4)
    expect(master.info('async_loading', 'persistence')).toBe('1')
    expect(master.log.some((line) => line.endsWith('Saving...'))).toBe(false)
    master.pass(3)
    expect(master.info('async_loading', 'persistence')).toBe('0')
    expect(master.log.some((line) => line.startsWith('Timeout receiving bulk data from MASTER'))).toBe(true)
    expect(master.calls).toHaveLength(3)
    expect(master.ask('GET', 'k')).toBe('v')
  })

  it('that cannot be written to disk is given up', () => {
    const master = scriptedMaster()
    master.disk.isFull = true
    master.greet()
    master.say(`+FULLRESYNC ${ID2} 5\r\n$10\r\n`)
    expect(master.log.some((line) => line.includes('ENOSPC'))).toBe(true)
    expect(master.state).toBe('connect')
    master.disk.isFull = false
    master.pass(1)
    expect(master.calls).toHaveLength(2)
  })

  it('is loaded in slices: clients wait, and the master hears newlines', () => {
    const snapshot = snapshotOf('DEBUG POPULATE 30000 key 100')
    const master = following()
    master.clock.lookMicros = 1000
    master.hangUp()
    master.greet()
    master.heard()
    master.say(`+FULLRESYNC ${ID2} 5\r\n$${snapshot.length}\r\n`)
    master.say(snapshot)
    master.clock.lookMicros = 200_000
    master.pass(0.5)
    expect(master.ask('GET', 'old')).toBe('LOADING Redis is loading the dataset in memory')
    expect(master.ask('PING')).toBe('LOADING Redis is loading the dataset in memory')
    expect(master.info('loading', 'persistence')).toBe('1')
    expect(master.ask('ROLE')).toBe('array')
    master.clock.lookMicros = 2000
    master.pass(20)
    expect(master.state).toBe('connected')
    expect(master.heard().slice(0, 2)).toEqual(['\\n', '\\n'])
    expect(master.ask('DBSIZE')).toBe('30000')
  })

  it('of the same history is loaded aside with swapdb, and clients read on', () => {
    const snapshot = snapshotOf('SET old new')
    const master = following({ config: { 'repl-diskless-load': 'swapdb' } })
    master.hangUp()
    master.greet()
    master.say(`+FULLRESYNC ${ID} 5000\r\n$${snapshot.length}\r\n`)
    master.say(snapshot.subarray(0, 40))
    expect(master.info('async_loading', 'persistence')).toBe('1')
    expect(master.info('loading', 'persistence')).toBe('0')
    expect(master.ask('GET', 'old')).toBe('value')
    expect(master.ask('SAVE')).toBe('LOADING Redis is loading the dataset in memory')
    master.say(snapshot.subarray(40))
    expect(master.ask('GET', 'old')).toBe('new')
    expect(master.offset).toBe(5000)
  })
})

describe('a link that breaks a thousand times', () => {
  /** What happens in ten seconds on a server whose link is up. */
  function eventsOf(master: ScriptedMaster): number {
    const { events } = master.clock
    for (let i = 0; i < 10; i++) {
      master.pass(1)
      master.say('\n')
    }
    return master.clock.events - events
  }

  it('leaves nothing behind, wherever it breaks: no timer, no session, no file', () => {
    const snapshot = snapshotOf('SET old value')
    const master = following()
    const { sessions, saver } = master.server.state
    const [before, { size }] = [eventsOf(master), sessions]
    let files = 0
    const createFile = saver.createFile.bind(saver)
    saver.createFile = () => {
      const file = createFile()
      files++
      const ended = <T extends (...args: never[]) => void>(end: T) =>
        ((...args: never[]) => {
          files--
          end(...args)
        }) as T
      return { ...file, commit: ended(file.commit), abandon: ended(file.abandon) }
    }
    const parts = [
      `+FULLRESYNC ${ID2} 5\r\n`,
      `$${snapshot.length}\r\n`,
      snapshot,
      SET + command('MULTI') + SET,
    ]
    for (let i = 0; i < 1000; i++) {
      if (i % 5 > 0) master.greet()
      for (const part of parts.slice(0, i % 5)) master.say(part)
      if (i % 2 === 0) master.pass(0.1)
      master.hangUp()
      master.pass(1)
    }
    master.greet()
    master.say(parts[0] as string)
    master.say(parts[1] as string)
    master.say(snapshot)
    master.pass(1)
    expect(master.state).toBe('connected')
    expect([eventsOf(master), sessions.size, files]).toEqual([before, size, 0])
  })
})
