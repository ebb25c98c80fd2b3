/** The stream of a master as its replica applies it: offsets, transactions, errors, lost links; in virtual time. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ScriptedMaster, type ScriptOptions, scriptedMaster } from '../../support/scripted-master.ts'

const ID = 'a'.repeat(40)
const ID2 = 'b'.repeat(40)

function command(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

const GETACK = command('REPLCONF', 'GETACK', '*')
const SET = command('SET', 'k', 'v')
const MULTI = command('MULTI')
const EXEC = command('EXEC')

function snapshotOf(...commands: readonly string[]): Buffer {
  const source = scriptedMaster({ isConfigured: false })
  for (const line of commands) source.ask(...line.split(' '))
  const bytes = source.snapshot()
  source.stop()
  return bytes
}

function following(options: ScriptOptions = {}, snapshot = snapshotOf('SET old value')): ScriptedMaster {
  const master = scriptedMaster(options)
  master.greet()
  master.say(`+FULLRESYNC ${ID} 0\r\n$${snapshot.length}\r\n`)
  master.say(snapshot)
  master.pass(0.1)
  master.heard()
  return master
}

/** What the backlog holds. */
function relayed(master: ScriptedMaster): string {
  const { backlog } = master.server.state.replication
  const cursor = backlog.cursor(backlog.window!.first)
  let text = ''
  for (let slice = backlog.read(cursor); slice !== undefined; slice = backlog.read(cursor)) {
    text += slice.toString('latin1')
  }
  backlog.release(cursor)
  return text
}

describe('a master that never comes to an end', () => {
  const config = { 'client-query-buffer-limit': 1024 * 1024 }

  it.each([
    ['a transaction', MULTI, command('SET', 'k', 'x'.repeat(50_000))],
    ['a command', '*1000000\r\n', `$50000\r\n${'x'.repeat(50_000)}\r\n`],
  ])(
    'is left where what is kept of %s is more than a client may send, and asked to go on',
    (_what, ...parts) => {
      const [begin, more] = parts as [string, string]
      const master = following({ config })
      master.say(SET)
      const { offset } = master
      const calls = master.calls.length
      master.say(begin)
      for (let i = 0; i < 30 && master.calls.length === calls; i++) master.say(more)
      expect(master.calls).toHaveLength(calls + 1)
      expect(master.log.some((line) => line.startsWith('Closing client that reached max query buffer'))).toBe(
        true,
      )
      master.greet()
      expect(master.heard().at(-1)).toBe(`PSYNC ${ID} ${offset + 1}`)
    },
  )

  it('may send a transaction of any length while it is within the limit', () => {
    const master = following({ config })
    master.say(MULTI + command('SET', 'k', 'x'.repeat(900_000)), 1000)
    master.say(EXEC)
    expect(master.ask('STRLEN', 'k')).toBe('900000')
    expect(master.calls).toHaveLength(1)
  })
})

describe('the stream', () => {
  it('is passed on in its very bytes, whole commands and transactions only, however it is cut', () => {
    const parts = [
      command('SELECT', '1'),
      'sEt'.replace(/.*/, (name) => command(name, 'a', '12')),
      command('ping'),
      GETACK,
      '\n',
      command('INCR', 'a'),
      `${MULTI}${command('INCR', 'a')}${command('LPUSH', 'l', 'x'.repeat(300))}${EXEC}`,
      '*0\r\n',
      command('DEL', 'nothing'),
      command('SET', 'long', 'y'.repeat(100_000)),
    ]
    const all = parts.join('')
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(all.length), (size, end) => {
        const master = following()
        master.say(all.slice(0, end), size === 200 ? 1_000_000 : size * 17)
        let whole = 0
        for (let at = 0, i = 0; i < parts.length; at += parts[i]!.length, i++) {
          const next = at + parts[i]!.length
          // Bytes that mean nothing count with what follows them.
          if (next <= end && parts[i] !== '\n' && parts[i] !== '*0\r\n') whole = next
        }
        expect(master.offset).toBe(whole)
        expect(relayed(master)).toBe(all.slice(0, whole))
        expect(master.info('slave_read_repl_offset')).toBe(String(end))
        master.say(all.slice(end))
        expect(relayed(master)).toBe(all)
        master.ask('SELECT', 1)
        expect(master.ask('GET', 'a')).toBe('14')
        expect(master.ask('LLEN', 'l')).toBe('1')
        master.stop()
      }),
      { numRuns: 60 },
    )
  })

  it('is acknowledged each second, and at once where it is asked: without the question', () => {
    const master = following()
    master.say(SET + GETACK + SET)
    expect(master.heard()).toEqual([`REPLCONF ACK ${SET.length}`])
    master.pass(1)
    expect(master.heard()).toEqual([`REPLCONF ACK ${2 * SET.length + GETACK.length}`])
    master.say(MULTI)
    master.pass(1)
    expect(master.heard()).toEqual([`REPLCONF ACK ${2 * SET.length + GETACK.length}`])
  })

  it('goes on after a lost link where it was: open transactions and parts are asked for again', () => {
    const master = following()
    const begun = `${command('SELECT', '5')}${SET}`
    master.say(`${begun}${MULTI}${command('SET', 'k', 'in')}${EXEC.slice(0, 5)}`)
    master.hangUp()
    expect(master.log.slice(-4)).toEqual([
      'Connection with master lost.',
      'Caching the disconnected master state.',
      'Reconnecting to MASTER master:6379',
      'MASTER <-> REPLICA sync started',
    ])
    master.greet()
    expect(master.heard().at(-1)).toBe(`PSYNC ${ID} ${begun.length + 1}`)
    master.say(`+CONTINUE\r\n${MULTI}${command('SET', 'k', 'in')}${EXEC}`, 3)
    master.ask('SELECT', 5)
    expect(master.ask('GET', 'k')).toBe('in')
    expect(relayed(master)).toBe(`${begun}${MULTI}${command('SET', 'k', 'in')}${EXEC}`)
  })

  it('may go on under another id', () => {
    const master = following()
    master.say(SET)
    master.hangUp()
    master.greet()
    master.say(`+CONTINUE ${ID2}\r\n`)
    expect(master.info('master_replid')).toBe(ID2)
    expect(master.info('master_replid2')).toBe(ID)
    expect(master.info('second_repl_offset')).toBe(String(SET.length + 1))
    expect(master.log).toContain(`Master replication ID changed to ${ID2}`)
  })

  it('may hold what fails: it counts, and the log is loud', () => {
    const master = following()
    master.say(
      command('LPUSH', 'old', 'x') + command('NOSUCH', 'a') + command('GET') + command('SELECT', '99') + SET,
    )
    expect(master.ask('GET', 'k')).toBe('v')
    const errors = master.log.filter((line) => line.startsWith('== CRITICAL =='))
    expect(errors).toHaveLength(4)
    expect(errors[0]).toContain(
      "WRONGTYPE Operation against a key holding the wrong kind of value' after processing",
    )
    expect(master.info('unexpected_error_replies', 'stats')).toBe('4')
    expect(master.offset).toBe(relayed(master).length)
    expect(master.heard()).toEqual([])
  })

  it('may not hold inline commands: then nothing is left to go on from', () => {
    const master = following()
    master.say(`${SET}SET k w\r\n`)
    expect(master.ask('GET', 'k')).toBe('v')
    expect(master.offset).toBe(SET.length)
    expect(master.calls).toHaveLength(2)
    master.greet()
    expect(master.heard().at(-1)).toBe('PSYNC ? -1')
  })

  it('that is silent for repl-timeout is over', () => {
    const master = following({ config: { 'repl-timeout': 5 } })
    master.pass(4)
    master.say(command('ping'))
    master.pass(5)
    expect(master.calls).toHaveLength(1)
    master.pass(2)
    expect(master.calls).toHaveLength(2)
    expect(master.log).toContain('MASTER timeout: no data nor PING received...')
    master.greet()
    expect(master.heard().at(-1)).toBe(`PSYNC ${ID} 15`)
  })

  it('cannot make its replica wait, leave or talk', () => {
    const master = following()
    const odd = [
      ['BLPOP', 'nothing', '0'],
      ['XREAD', 'BLOCK', '0', 'STREAMS', 's', '$'],
      ['SUBSCRIBE', 'c'],
      ['MONITOR'],
      ['QUIT'],
      ['WAIT', '1', '0'],
      ['CLIENT', 'REPLY', 'ON'],
    ]
    for (const words of odd) master.say(command(...words))
    master.ask('PUBLISH', 'c', 'm')
    master.say(SET)
    expect(master.ask('GET', 'k')).toBe('v')
    expect(master.heard()).toEqual([])
  })
})

describe('a client of a replica', () => {
  it('may read, and not write', () => {
    const master = following()
    expect(master.ask('SET', 'a', 1)).toBe("READONLY You can't write against a read only replica.")
    expect(master.ask('MULTI')).toBe('OK')
    expect(master.ask('DEL', 'a')).toBe("READONLY You can't write against a read only replica.")
    expect(master.ask('EXEC')).toBe('EXECABORT Transaction discarded because of previous errors.')
    expect(master.ask('GET', 'old')).toBe('value')
  })

  it('is told where the link is down and stale data is not to be served', () => {
    const master = following({ config: { 'replica-serve-stale-data': 'no' } })
    expect(master.ask('GET', 'old')).toBe('value')
    master.hangUp()
    const down = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
    expect(master.ask('GET', 'old')).toBe(down)
    expect(master.ask('PING')).toBe(down)
    expect(master.ask('SET', 'a', 1)).toBe("READONLY You can't write against a read only replica.")
    expect(master.ask('INFO')).not.toBe(down)
    expect(master.ask('MULTI')).toBe('OK')
    expect(master.ask('GET', 'old')).toBe(down)
    expect(master.ask('EXEC')).toBe('EXECABORT Transaction discarded because of previous errors.')
  })

  it('does not see what has expired; the master does, until it deletes it', () => {
    const master = following()
    const at = String(Math.floor(master.clock.now() / 1000) + 1000)
    master.say(command('SET', 'n', '5', 'PXAT', at) + command('SET', 't', 'text', 'PXAT', at))
    expect(master.ask('GET', 'n')).toBe('5')
    master.pass(2)
    expect(master.ask('GET', 'n')).toBe('')
    expect(master.ask('EXISTS', 'n')).toBe('0')
    expect(master.ask('TTL', 'n')).toBe('-2')
    expect(master.ask('TYPE', 'n')).toBe('none')
    expect(master.ask('DBSIZE')).toBe('3')
    master.say(command('INCR', 'n') + command('INCR', 't'))
    expect(master.log.filter((line) => line.includes('CRITICAL'))).toHaveLength(1)
    master.say(command('PERSIST', 'n') + command('DEL', 't'))
    expect(master.ask('GET', 'n')).toBe('6')
    expect(master.ask('DBSIZE')).toBe('2')
  })

  it('of a writable one writes for itself: nothing of it counts, and its deadlines are its own', () => {
    const master = following({ config: { 'replica-read-only': 'no' } })
    const at = String(Math.floor(master.clock.now() / 1000) + 500)
    master.say(command('SET', 'theirs', '1', 'PXAT', at))
    const { offset } = master
    expect(master.ask('SET', 'mine', 1, 'PX', 500)).toBe('OK')
    expect(master.ask('INCR', 'n')).toBe('1')
    expect(master.offset).toBe(offset)
    expect(master.info('slave_expires_tracked_keys', 'stats')).toBe('1')
    expect(master.ask('DBSIZE')).toBe('4')
    master.pass(2)
    expect(master.ask('DBSIZE')).toBe('3')
    expect(master.info('slave_expires_tracked_keys', 'stats')).toBe('0')
    // A write finds what has expired gone.
    expect(master.ask('INCR', 'theirs')).toBe('1')
    expect(master.ask('TTL', 'theirs')).toBe('-1')
    expect(relayed(master)).toHaveLength(offset)
  })

  it('sees the link as a client with the flag M, and may end it', () => {
    const master = following()
    master.say(SET)
    expect(master.ask('CLIENT', 'LIST', 'TYPE', 'master')).toMatch(/flags=M .* cmd=set user=\(superuser\)/)
    expect(master.ask('CLIENT', 'KILL', 'TYPE', 'master')).toBe('1')
    expect(master.calls).toHaveLength(2)
    master.greet()
    expect(master.heard().at(-1)).toBe(`PSYNC ${ID} ${SET.length + 1}`)
  })

  it('that waits on a master is sent away when that becomes a replica', () => {
    const master = scriptedMaster({ isConfigured: false })
    master.client.send(Buffer.from(command('BLPOP', 'l', '0'), 'latin1'))
    expect(master.ask('PING')).toBe('')
    master.server.executor.visit(() =>
      master.server.state.replication.master.follow({ host: 'master', port: 6379 }),
    )
    expect(master.client.isClosed).toBe(true)
  })
})

describe('REPLICAOF', () => {
  it('refuses bad ports, and does nothing twice', () => {
    const master = scriptedMaster({ isConfigured: false })
    expect(master.ask('REPLICAOF', 'h', 'x')).toBe('ERR Invalid master port')
    expect(master.ask('REPLICAOF', 'h', 99_999)).toBe('ERR Invalid master port')
    expect(master.ask('REPLICAOF', 'NO', 'ONE')).toBe('OK')
    expect(master.ask('REPLICAOF', 'h', 1)).toBe('OK')
    expect(master.ask('SLAVEOF', 'H', 1)).toBe('OK Already connected to specified master')
    expect(master.calls).toHaveLength(1)
  })

  it('points to another master in any state, and takes the history along', () => {
    const master = following()
    master.say(SET)
    expect(master.ask('REPLICAOF', 'other', 1)).toBe('OK')
    expect(master.calls[0]!.peer.isDestroyed).toBe(true)
    expect(master.call.peer.remote).toBe('other:1')
    master.ask('REPLICAOF', 'third', 2)
    master.accept()
    master.ask('REPLICAOF', 'fourth', 3)
    master.greet()
    expect(master.heard().at(-1)).toBe(`PSYNC ${ID} ${SET.length + 1}`)
    expect(master.info('master_host')).toBe('fourth')
    expect(master.info('master_link_down_since_seconds')).toBe('-1')
  })

  it('NO ONE makes a master, whose stream begins with its database', () => {
    const master = following()
    master.say(command('SELECT', '2') + SET)
    const { offset } = master
    expect(master.ask('REPLICAOF', 'NO', 'ONE')).toBe('OK')
    expect(master.info('role')).toBe('master')
    expect(master.info('master_replid2')).toBe(ID)
    expect(master.info('second_repl_offset')).toBe(String(offset + 1))
    master.ask('SET', 'mine', 1)
    expect(relayed(master).slice(offset)).toBe(command('SELECT', '0') + command('SET', 'mine', '1'))
    const at = Math.floor(master.clock.now() / 1000) + 100
    master.ask('SET', 'e', 1, 'PXAT', at)
    master.pass(1)
    expect(relayed(master)).toContain(command('DEL', 'e'))
  })

  it('in the middle of a snapshot lets go of it', () => {
    const master = following()
    master.hangUp()
    master.greet()
    master.say(`+FULLRESYNC ${ID2} 5\r\n$1000\r\nREDIS0010`)
    master.ask('REPLICAOF', 'NO', 'ONE')
    expect(master.info('role')).toBe('master')
    expect(master.ask('GET', 'old')).toBe('value')
    expect(master.info('master_replid2')).toBe(ID)
    master.hangUp()
    master.pass(5)
    expect(master.calls).toHaveLength(2)
  })
})
