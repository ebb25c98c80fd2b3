/** Commands on streams, beside a real Redis. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { RawClient } from '../../support/raw-client.ts'
import { describeWithRedis } from '../../support/real-redis.ts'

const ENTRIES = `
XADD x 1-1 a b
XADD x 5-* a b c d
XADD x 5-* a b
XADD x 0-0 a b
XADD x 0-* a b
XADD x 5 a b
XADD x 5-1 a b
XADD x 6 a b
XADD x abc a b
XADD x 1-1-1 a b
XADD x 007-1 a b
XADD x " 8-1" a b
XADD x +9-+1 a b
XADD x -9-1 a b
XADD x 9--1 a b
XADD x 10-01 z w a b a c
XADD x * a
XADD x *
XADD x 11-1
XADD x NOMKSTREAM 12-1 q w
XADD nox NOMKSTREAM 12-1 q w
XADD nox NOMKSTREAM * q w
XLEN x
XLEN nox
XRANGE x - +
XREVRANGE x + -
XRANGE x (1-1 (10
XRANGE x 5 5
XRANGE x 5 6-0 COUNT 1
XRANGE x - + COUNT 0
XRANGE x - + COUNT -1
XRANGE nox - + COUNT 0
XRANGE x - + COUNT
XRANGE x - + COUNT a
XRANGE x - + FOO 1
XRANGE x + -
XRANGE x (- +
XRANGE x - (+
XRANGE x - (0
XRANGE x (18446744073709551615-18446744073709551615 +
XRANGE x (18446744073709551615 +
XRANGE x ( +
XREVRANGE x (10 (1 COUNT 2
XADD x MAXLEN 3 20-1 a b
XADD x MAXLEN = 3 21-1 a b
XADD x MAXLEN ~ 3 22-1 a b
XADD x MAXLEN ~ 0 LIMIT 10 23-1 a b
XADD x MINID 22 24-1 a b
XADD x MINID ~ 24 25-1 a b
XADD x MINID = 24-1 26-1 a b
XADD x MAXLEN 3 MINID 5 27-1 a b
XADD x MAXLEN -1 27-1 a b
XADD x MAXLEN a 27-1 a b
XADD x MINID a 27-1 a b
XADD x LIMIT 10 27-1 a b
XADD x LIMIT 0 27-1 a b
XADD x MAXLEN 5 LIMIT 10 28-1 a b
XADD x MAXLEN ~ 5 LIMIT -1 28-1 a b
XADD x MAXLEN ~ 5 LIMIT a 28-1 a b
XADD x MAXLEN ~ 5 LIMIT 0 28-1 a b
XADD x MAXLEN
XADD x MAXLEN ~ 28-1 a b
XADD x MAXLEN 0 29-1 a b
XINFO STREAM x
XTRIM x MAXLEN 0
XTRIM x
XTRIM x FOO 1
XTRIM x MAXLEN 1 LIMIT 1
XTRIM x MAXLEN 1 FOO
XTRIM x LIMIT 1 MAXLEN ~ 1
XTRIM nox MAXLEN 1
XTRIM x LIMIT 1
XADD x MINID 99 30-1 a b
XADD x MINID ~ 99 31-1 a b
XADD x MINID ~ 100 32-1 a b
XLEN x
XINFO STREAM x
XADD x 18446744073709551615-18446744073709551614 a b
XADD x 18446744073709551615-* a b
XADD x 18446744073709551615-* a b
XADD x * a b
XADD x 1 a b
XINFO STREAM x FULL
XDEL x 18446744073709551615-18446744073709551615 18446744073709551615-18446744073709551615
XDEL x abc
XDEL x 1-1 abc
XDEL nox 1
XINFO STREAM x
`

const DELETING = `
DEL x
XADD x 1-1 a b
XADD x 2-1 a b
XADD x 3-1 a b
XADD x 4-1 a b
XADD x 5-1 a b
XDEL x 1-1 9-9
XINFO STREAM x
XDEL x 3-1
XINFO STREAM x FULL COUNT 2
XINFO STREAM x FULL COUNT -1
XINFO STREAM x FULL COUNT 0
XINFO STREAM x FULL COUNT
XINFO STREAM x FULL COUNT a
XINFO STREAM x FULL FOO 1
XINFO STREAM x FOO
XINFO STREAM x FULL COUNT 1 2
XINFO STREAM nox
XINFO FOO x
XINFO
XINFO STREAM
XINFO GROUPS x
XINFO HELP
XGROUP HELP
XSETID x 100-1
XSETID x 4-1
XSETID x 2-1
XSETID x 200-1 ENTRIESADDED 50 MAXDELETEDID 2-1
XSETID x 200-1 ENTRIESADDED 1
XSETID x 200-1 ENTRIESADDED -1
XSETID x 200-1 ENTRIESADDED a
XSETID x 200-1 MAXDELETEDID 300-1
XSETID x 200-1 ENTRIESADDED
XSETID x 200-1 FOO 1
XSETID x 200-1 ENTRIESADDED 9223372036854775807 MAXDELETEDID 150-1
XSETID x - 
XSETID nox 1-1
XINFO STREAM x
XSETID x 149-1
XDEL x 2-1 4-1 5-1
XINFO STREAM x
XADD x 1000-1 f v
XINFO STREAM x
APPEND s x
XADD s * a b
XLEN s
XRANGE s - +
XTRIM s MAXLEN 1
XDEL s 1
XSETID s 1-1
XINFO STREAM s
XGROUP CREATE s g $
XREAD STREAMS s 0
XACK s g 1
XPENDING s g
XCLAIM s g c 0 1
XAUTOCLAIM s g c 0 0
`

const GROUPS = `
XADD y 1-1 a b
XADD y 2-1 a b
XADD y 3-1 a b
XDEL y 3-1
XSETID y 2-1
XSETID y 2-5
XINFO STREAM y
XADD x 1-1 a b
XADD x 2-1 a b
XADD x 3-1 a b
XADD x 4-1 a b
XADD x 5-1 a b
XGROUP CREATE nox g $
XGROUP CREATE nox g $ MKSTREAM
XGROUP CREATE nox g $ MKSTREAM
XGROUP CREATE nox h - MKSTREAM
XGROUP CREATE nox h abc
XINFO STREAM nox FULL
XGROUP CREATE x g 0
XGROUP CREATE x g 0
XGROUP CREATE x h 2 ENTRIESREAD 2
XGROUP CREATE x i 2 ENTRIESREAD -2
XGROUP CREATE x i 2 ENTRIESREAD a
XGROUP CREATE x i 2 ENTRIESREAD
XGROUP CREATE x i $ ENTRIESREAD -1
XGROUP CREATE x j 3-1 FOO
XGROUP CREATE x
XGROUP CREATE x g
XGROUP FOO x g
XGROUP
XGROUP CREATECONSUMER x g zc
XGROUP CREATECONSUMER x g zc
XGROUP CREATECONSUMER x nog c
XGROUP CREATECONSUMER none g c
XGROUP SETID x nog 1
XGROUP SETID none g 1
XGROUP SETID x i 1
XGROUP SETID x i + ENTRIESREAD 5
XGROUP SETID x i $ ENTRIESREAD 5 FOO
XGROUP SETID x i $ ENTRIESREAD 5 ENTRIESREAD 6
XGROUP SETID x i abc
XGROUP SETID x i - 
XINFO GROUPS x
XREADGROUP GROUP g c COUNT 2 STREAMS x >
XREADGROUP GROUP g c COUNT 2 STREAMS x 0
XREADGROUP GROUP g c COUNT 1 STREAMS x 1-1
XREADGROUP GROUP g d COUNT 1 STREAMS x >
XREADGROUP GROUP g e NOACK COUNT 1 STREAMS x >
XREADGROUP GROUP g e NOACK COUNT 1 STREAMS x >
XREADGROUP GROUP g e NOACK STREAMS x >
XREADGROUP GROUP g f STREAMS x >
XREADGROUP GROUP g f STREAMS x 0
XREADGROUP GROUP g ff NOACK STREAMS x 0
XINFO GROUPS x
XINFO CONSUMERS x nog
XINFO CONSUMERS none nog
XREADGROUP GROUP g c STREAMS x
XREADGROUP GROUP g c STREAMS x y >
XREADGROUP GROUP g c STREAMS x $
XREADGROUP GROUP g c STREAMS x abc
XREADGROUP GROUP nog c STREAMS x >
XREADGROUP GROUP g c STREAMS none >
XREADGROUP GROUP g c COUNT a STREAMS x >
XREADGROUP GROUP g c BLOCK -1 STREAMS x >
XREADGROUP GROUP g c BLOCK a STREAMS x >
XREADGROUP COUNT 1 NOACK NOACK STREAMS x >
XREADGROUP GROUP g c FOO STREAMS x >
XREADGROUP GROUP g c COUNT 1 COUNT 2
XREAD STREAMS x
XREAD STREAMS x 0
XREAD COUNT 2 STREAMS x y 2 0
XREAD COUNT -2 STREAMS x y 2 0
XREAD STREAMS x y $ $
XREAD STREAMS none 0
XREAD STREAMS x >
XREAD STREAMS x y 0
XREAD GROUP g c STREAMS x 0
XREAD NOACK STREAMS x 0
XREAD BLOCK -5 STREAMS none 0
XREAD COUNT 1
XREAD FOO STREAMS x 0
XREAD STREAMS x 18446744073709551615-18446744073709551615
XPENDING x g
XPENDING x nog
XPENDING none g
XPENDING x h
XACK x g 1-1 9-9
XACK x g 9-9
XACK x g abc
XACK x g 2-1 abc
XACK x nog abc
XACK none g 1
XREADGROUP GROUP h c COUNT 3 STREAMS x >
XPENDING x g - + 10 nobody
XPENDING x g - +
XPENDING x g - + a
XPENDING x g a + 1
XPENDING x g IDLE 5 - +
XPENDING x g IDLE a - + 10
XPENDING x g - + 0
XPENDING x g - + -1
XPENDING x g IDLE 100000 - + 10
XPENDING x g IDLE 100000 - + 10 c x
XPENDING x g (- + 10
XCLAIM x g c2 0 2-1
XCLAIM x g c2 0 2-1 JUSTID
XCLAIM x g c2 0 9-9 2-1
XCLAIM x g c3 0 5-1 FORCE IDLE 1000 RETRYCOUNT 7
XCLAIM x g c3 0 1-1 FORCE JUSTID
XCLAIM x g c3 0 4-1 FORCE
XCLAIM x g c3 0 44-1 FORCE
XCLAIM x g c9 1000000 2-1
XCLAIM x g c9 -5 2 2-1 LASTID 7-7
XCLAIM x g c9 0 2-1 LASTID 7-8
XCLAIM x g c9 0 99 LASTID 8-8
XCLAIM x g c9 0 2-1 TIME 1000
XCLAIM x g c9 0 2-1 TIME -1000
XCLAIM x g c9 0 2-1 TIME 99999999999999
XCLAIM x g c9 0 2-1 RETRYCOUNT -1
XCLAIM x g c9 0 2-1 RETRYCOUNT a
XCLAIM x g c9 0 2-1 IDLE a
XCLAIM x g c9 0 2-1 TIME a
XCLAIM x g c9 0 2-1 FOO
XCLAIM x g c9 0 2-1 LASTID abc
XCLAIM x g c9 0 2-1 IDLE
XCLAIM x g c9 a 2-1
XCLAIM x g c9 0 FORCE
XCLAIM x nog c9 0 FORCE
XCLAIM none g c9 a FORCE
XDEL x 2-1 4-1
XREADGROUP GROUP g c9 STREAMS x 0
XCLAIM x g d 0 2-1
XCLAIM x g newc 0 2-1
XAUTOCLAIM x g ac 0 0 COUNT 2
XAUTOCLAIM x g ac 0 0 COUNT 1 JUSTID
XAUTOCLAIM x g ac 1000000 0
XAUTOCLAIM x g ac 0 (5-1
XAUTOCLAIM x g ac a 0
XAUTOCLAIM x g ac 0 a
XAUTOCLAIM x g ac 0 0 COUNT 0
XAUTOCLAIM x g ac 0 0 COUNT a
XAUTOCLAIM x g ac 0 0 FOO
XAUTOCLAIM x g ac 0 0 COUNT
XAUTOCLAIM x nog ac 0 0
XAUTOCLAIM none g ac 0 0
XAUTOCLAIM x g lazyac 1000000 0
XINFO GROUPS x
XAUTOCLAIM x g newac 0 0
XPENDING x g
XINFO GROUPS x
XGROUP DELCONSUMER x g c3
XGROUP DELCONSUMER x g c3
XGROUP DELCONSUMER x g
XINFO GROUPS x
XGROUP DESTROY x g
XGROUP DESTROY x g
XGROUP DESTROY none g
XGROUP DESTROY x g h
XINFO GROUPS x
XREADGROUP GROUP h c STREAMS x >
XREADGROUP GROUP h c STREAMS x 0
DEL x y
XADD x 1-1 a b
XADD y 1-1 a b
XGROUP CREATE x g 0
XGROUP CREATE y g 0
XREADGROUP GROUP g c COUNT 5 STREAMS x y > >
XADD x 9-9 a b
XREADGROUP GROUP g c STREAMS x >
XGROUP SETID x g 0
XREADGROUP GROUP g other STREAMS x >
XPENDING x g
XADD x 10-1 a b
XADD x 11-1 a b
XADD x 12-1 a b
XDEL x 10-1
XREADGROUP GROUP g other COUNT 1 STREAMS x >
XINFO GROUPS x
XREADGROUP GROUP g other COUNT 1 NOACK STREAMS x >
XINFO GROUPS x
XTRIM x MAXLEN 1
XINFO STREAM x
XINFO GROUPS x
XGROUP SETID x g 11-1 ENTRIESREAD 3
XINFO GROUPS x
XGROUP SETID x g 5
XINFO GROUPS x
XDEL x 12-1
XINFO GROUPS x
`

/** One command a line. */
function lines(script: string): string[] {
  return script.split('\n').filter((line) => line !== '')
}

describeWithRedis('streams', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  for (const resp of [2, 3] as const) {
    describe(`RESP${resp}`, () => {
      const same = async (commands: readonly string[]) => {
        await pair.real.command('HELLO', resp)
        pair.client.session.resp = resp
        await pair.same(['FLUSHALL', ...commands])
      }

      it('adds, reads and trims', () => same(lines(ENTRIES)))
      it('deletes, describes and refuses', () => same(lines(DELETING)))
      it('delivers to groups, and claims', () => same(lines(GROUPS)))
    })
  }

  it('trims by whole nodes, wherever Redis cuts them', async () => {
    for (const limits of [
      'stream-node-max-entries 7',
      'stream-node-max-bytes 300',
      'stream-node-max-bytes 0',
    ]) {
      await pair.same(['FLUSHALL', `CONFIG SET ${limits}`], { effects: false })
      const id = fc.integer({ min: 1, max: 400 })
      const text = fc.oneof(
        fc.constantFrom('f', 'v', '', '0', '127', '-1', '4096', '123456789012', '-9223372036854775808', '00'),
        fc.integer({ min: 1, max: 200 }).map((length) => 'x'.repeat(length)),
      )
      const words = fc.tuple(fc.constantFrom('f', 'g'), text).map(([field, value]) => `${field} "${value}"`)
      const how = fc.constantFrom('', '= ', '~ ')
      const command = fc.oneof(
        { weight: 12, arbitrary: words.map((pairs) => `XADD x * ${pairs}`) },
        { weight: 3, arbitrary: fc.tuple(words, words).map(([a, b]) => `XADD x * ${a} ${b}`) },
        {
          weight: 2,
          arbitrary: fc.tuple(how, id, words).map(([h, n, w]) => `XADD x MAXLEN ${h}${n} * ${w}`),
        },
        { weight: 2, arbitrary: fc.tuple(how, id, words).map(([h, n, w]) => `XADD x MINID ${h}${n} * ${w}`) },
        { weight: 1, arbitrary: id.map((n) => `XTRIM x MAXLEN ~ ${n} LIMIT ${n % 20}`) },
        { weight: 1, arbitrary: id.map((n) => `XTRIM x MINID ~ ${n}`) },
        { weight: 6, arbitrary: id.map((n) => `XDEL x ${n}`) },
        { weight: 1, arbitrary: fc.constant('XINFO STREAM x FULL COUNT 3') },
        { weight: 1, arbitrary: id.map((n) => `XRANGE x ${n} + COUNT 3`) },
        { weight: 1, arbitrary: id.map((n) => `XREVRANGE x ${n} - COUNT 3`) },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(command, { minLength: 250, maxLength: 350 }), async (commands) => {
          let next = 1
          const numbered = commands.map((line) => line.replace('*', () => `${next++}-1`))
          await pair.same(['FLUSHALL', ...numbered, 'XINFO STREAM x', 'XRANGE x - +'])
        }),
        { numRuns: 3, seed: 6, endOnFailure: true },
      )
    }
    await pair.same(['CONFIG SET stream-node-max-bytes 4096 stream-node-max-entries 100'], { effects: false })
  })

  it('agrees on whatever groups do', async () => {
    const id = fc.integer({ min: 1, max: 60 })
    const group = fc.constantFrom('g', 'h')
    const consumer = fc.constantFrom('a', 'b', 'c')
    const command = fc.oneof(
      { weight: 6, arbitrary: fc.constant('XADD x * f v') },
      { weight: 2, arbitrary: id.map((n) => `XDEL x ${n}`) },
      { weight: 1, arbitrary: id.map((n) => `XTRIM x MAXLEN ${n}`) },
      {
        weight: 4,
        arbitrary: fc
          .tuple(group, consumer, id, fc.constantFrom('', 'NOACK '))
          .map(([g, c, n, ack]) => `XREADGROUP GROUP ${g} ${c} COUNT ${(n % 4) + 1} ${ack}STREAMS x >`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(group, consumer, id)
          .map(([g, c, n]) => `XREADGROUP GROUP ${g} ${c} STREAMS x ${n}`),
      },
      { weight: 2, arbitrary: fc.tuple(group, id, id).map(([g, m, n]) => `XACK x ${g} ${m}-1 ${n}-1`) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(group, consumer, id, id, fc.constantFrom('', ' FORCE', ' JUSTID', ' FORCE RETRYCOUNT 4'))
          .map(([g, c, m, n, more]) => `XCLAIM x ${g} ${c} 0 ${m}-1 ${n}-1${more}`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(group, consumer, id)
          .map(([g, c, n]) => `XAUTOCLAIM x ${g} ${c} 0 ${n} COUNT ${(n % 3) + 1}`),
      },
      { weight: 1, arbitrary: fc.tuple(group, id).map(([g, n]) => `XGROUP SETID x ${g} ${n}-1`) },
      { weight: 1, arbitrary: fc.tuple(group, consumer).map(([g, c]) => `XGROUP DELCONSUMER x ${g} ${c}`) },
      { weight: 1, arbitrary: group.map((g) => `XPENDING x ${g}`) },
      { weight: 2, arbitrary: fc.constant('XINFO GROUPS x') },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 200, maxLength: 300 }), async (commands) => {
        let next = 1
        const numbered = commands.map((line) => line.replace('*', () => `${next++}-1`))
        const begin = ['FLUSHALL', 'XGROUP CREATE x g 0 MKSTREAM', 'XGROUP CREATE x h $ ENTRIESREAD 0']
        await pair.same([...begin, ...numbered])
      }),
      { numRuns: 6, seed: 7, endOnFailure: true },
    )
  })
  it('serves those who wait', async () => {
    const waits = [
      'XREAD BLOCK 0 STREAMS x y $ $',
      'XREADGROUP GROUP g a BLOCK 0 STREAMS x >',
      'XREADGROUP GROUP g b BLOCK 0 NOACK STREAMS x >',
      'XREADGROUP GROUP gone c BLOCK 0 STREAMS x >',
      'XREAD BLOCK 50 STREAMS none 0',
      'XREAD BLOCK 0 COUNT 1 STREAMS y 2-0',
    ]
    await pair.same(['FLUSHALL', 'XADD x 1-1 a b', 'XGROUP CREATE x g $', 'XGROUP CREATE x gone $'])
    const real = await Promise.all(waits.map(() => RawClient.open(pair.redis.port)))
    const mine = waits.map(() => pair.reference.client())
    const replies: Promise<unknown>[] = []
    for (const [i, wait] of waits.entries()) {
      replies.push(real[i]!.command(...wait.split(' ')))
      expect(mine[i]!.command(...wait.split(' '))).toBeUndefined()
      await pair.real.command('PING')
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    await pair.same([
      'XDEL x 1-1',
      'XGROUP DESTROY x gone',
      'XADD y 1-1 f v',
      'XADD x 2-1 f v',
      'XADD y 2-1 f v',
      'XADD x 3-1 f v',
      'XINFO GROUPS x',
    ])
    expect(mine.map(({ inbox }) => inbox[0])).toEqual(await Promise.all(replies))
    for (const client of real) await client.close()
  })

  it('goes through DUMP and RESTORE, and COPY, as it is', async () => {
    const { real, client } = pair
    const script = lines(GROUPS).filter((line) => !line.startsWith('DEL '))
    await pair.same(['FLUSHALL', ...script, 'COPY x z', 'XINFO GROUPS z', 'XPENDING z h', 'XINFO STREAM z'])
    const [ours, theirs] = [client.command('DUMP', 'x'), await real.command('DUMP', 'x')]
    const payload = (reply: unknown) => Buffer.from((reply as { value: string }).value, 'latin1')
    await pair.same([
      ['RESTORE', 'ours', 0, payload(ours)],
      ['RESTORE', 'theirs', 0, payload(theirs)],
      ...['ours', 'theirs'].flatMap((key) => [
        `XINFO STREAM ${key}`,
        `XINFO GROUPS ${key}`,
        `XRANGE ${key} - +`,
      ]),
      ...['g', 'h'].flatMap((group) => [`XPENDING ours ${group}`, `XPENDING theirs ${group}`]),
    ])
  })
})
