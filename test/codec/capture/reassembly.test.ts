import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reassembly } from '../../../src/codec/capture/reassembly.ts'
import { FLAG, type Segment } from '../../../src/codec/capture/tcp.ts'
import { gather, Session, segment, textOf } from '../../support/tcp-session.ts'

const texts = (segments: Iterable<Segment>) => gather(segments).map(({ streams }) => streams.map(textOf))

describe('a connection in order', () => {
  it('gives what both sides said, in the order in which they said it', () => {
    const session = new Session().open().say(0, 'PING').say(1, 'PONG').say(0, 'QUIT').close()
    expect(gather(session.segments)).toMatchObject([
      {
        how: 'handshake',
        notices: [],
        closed: 'fin',
        order: ['opened', 'bytes 0', 'bytes 1', 'bytes 0', 'finished 0', 'finished 1', 'closed'],
      },
    ])
    expect(texts(session.segments)).toEqual([['PINGQUIT', 'PONG']])
  })

  it('may have data with its SYN and with its FIN', () => {
    const list = [
      segment(0, { seq: 10, flags: FLAG.SYN, payload: 'early' }),
      segment(1, { seq: 90, ack: 16, flags: FLAG.SYN | FLAG.ACK }),
      segment(0, { seq: 16, ack: 91, flags: FLAG.ACK | FLAG.FIN, payload: 'last' }),
    ]
    expect(gather(list)).toMatchObject([{ closed: 'end-of-input' }])
    expect(texts(list)).toEqual([['earlylast', '']])
  })

  it('may end by a reset', () => {
    const session = new Session().open().say(0, 'PING').reset(1)
    expect(
      gather([...session.segments, segment(0, { seq: 1005, ack: 5001, payload: 'late' })]),
    ).toMatchObject([{ closed: 'reset', order: ['opened', 'bytes 0', 'closed'] }])
  })

  it('may have its reset captured before the bytes that it followed', () => {
    const { segments } = new Session().open().say(0, 'one').say(0, 'two').reset(0)
    const swapped = [0, 1, 2, 5, 4, 3].map((i) => segments[i]!)
    expect(gather(swapped)).toMatchObject([{ closed: 'reset' }])
    expect(texts(swapped)).toEqual([['onetwo', '']])
    // A reset from another life of these ports is none of this one.
    const stale = segment(0, { seq: 1001 - 100_000, ack: 5001, flags: FLAG.RST })
    expect(texts([...segments.slice(0, 3), stale, ...segments.slice(3)])).toEqual([['onetwo', '']])
  })

  it('counts the side that opened as direction 0, also when its answer was captured first', () => {
    const [syn, answer, ...rest] = new Session().open().say(1, 'hello').segments
    expect(texts([answer!, syn!, ...rest])).toEqual([['', 'hello']])
    expect(texts([answer!, ...rest])).toEqual([['', 'hello']])
  })
})

describe('what disturbs no stream', () => {
  const session = new Session().open().say(0, 'abcd')

  it('keep-alives, with no byte or with one that means nothing', () => {
    const list = [
      ...session.segments,
      segment(0, { seq: 1004, ack: 5001 }),
      segment(0, { seq: 1004, ack: 5001, payload: '\0' }),
      segment(0, { seq: 1005, ack: 5001, payload: 'e' }),
    ]
    expect(gather(list)).toMatchObject([{ notices: [] }])
    expect(texts(list)).toEqual([['abcde', '']])
  })

  it('a zero-window probe with a byte that is sent again later', () => {
    const probe = segment(0, { seq: 1005, ack: 5001, payload: 'e' })
    const list = [...session.segments, probe, probe, segment(0, { seq: 1005, ack: 5001, payload: 'efg' })]
    expect(gather(list)).toMatchObject([{ notices: [] }])
    expect(texts(list)).toEqual([['abcdefg', '']])
  })

  it('a second SYN, FIN or handshake of the same connection', () => {
    const whole = new Session().open().say(0, 'x').close().segments
    const twice = whole.flatMap((s) => [s, s])
    expect(gather([...twice, ...whole])).toMatchObject([{ closed: 'fin', notices: [] }])
  })

  it('bytes that waited behind what turns out to be the end are left out', () => {
    const beyond = segment(0, { seq: 1020, ack: 5001, payload: 'beyond the end' })
    const end = segment(0, { seq: 1005, ack: 5001, flags: FLAG.FIN | FLAG.ACK })
    const list = [...session.segments, beyond, end]
    expect(gather(list, { pendingPerDirection: 400 })).toMatchObject([{ streams: [[{ length: 4 }], []] }])
    const closed = [...list, segment(1, { seq: 5001, ack: 1006, flags: FLAG.FIN | FLAG.ACK })]
    expect(gather(closed)).toMatchObject([{ closed: 'fin', streams: [[{ length: 4 }], []] }])
    // Their memory is given back: the next connection may use it.
    const next = new Session([70_000, 90_000]).open().say(0, 'one').say(0, 'two').segments
    const swapped = [0, 1, 2, 4, 3].map((i) => next[i]!)
    const [, second] = gather([...closed, ...swapped], { pending: 500 })
    expect(second!.streams[0]).toEqual([Buffer.from('onetwo')])
  })

  it('bytes after a FIN are left out, with a notice', () => {
    const list = [
      ...session.segments,
      segment(0, { seq: 1005, ack: 5001, flags: FLAG.FIN | FLAG.ACK }),
      segment(0, { seq: 1006, ack: 5001, payload: 'more' }),
    ]
    expect(gather(list)).toMatchObject([{ notices: ['TCP_BYTES_AFTER_FIN 0@5'] }])
    expect(texts(list)).toEqual([['abcd', '']])
  })
})

describe('copies that differ', () => {
  const opened = new Session().open().segments

  it('are noticed where the first was delivered already', () => {
    const list = [
      ...opened,
      segment(0, { seq: 1001, ack: 5001, payload: 'abcdef' }),
      segment(0, { seq: 1003, ack: 5001, payload: 'cXefgh' }),
    ]
    expect(gather(list)).toMatchObject([{ notices: ['TCP_COPIES_DIFFER 0@3'] }])
    expect(texts(list)).toEqual([['abcdefgh', '']])
  })

  it('are noticed in the last 16 KiB of a long stream, and not looked for before', () => {
    const long = Buffer.alloc(50_000, 'a long stream ')
    const list = [...opened, segment(0, { seq: 1001, ack: 5001, payload: long })]
    const again = (from: number, differing: number) => {
      const copy = Buffer.from(long.subarray(from, from + 3000))
      copy[differing - from] = 0
      return gather([...list, segment(0, { seq: 1001 + from, ack: 5001, payload: copy })])[0]!.notices
    }
    for (const at of [33_616, 40_000, 47_050, 49_152, 49_999]) {
      expect(again(Math.min(at, 47_000), at)).toEqual([`TCP_COPIES_DIFFER 0@${at}`])
    }
    expect(again(33_000, 33_615)).toEqual([])
  })

  it('are noticed where both wait, and the first counts', () => {
    const list = [
      ...opened,
      segment(0, { seq: 1004, ack: 5001, payload: 'def' }),
      segment(0, { seq: 1002, ack: 5001, payload: 'bcdXfg' }),
      segment(0, { seq: 1001, ack: 5001, payload: 'a' }),
    ]
    expect(gather(list)).toMatchObject([{ notices: ['TCP_COPIES_DIFFER 0@4'] }])
    expect(texts(list)).toEqual([['abcdefg', '']])
  })
})

describe('what the capture does not hold', () => {
  it('is a gap as soon as the other side has acknowledged it and a little patience is over', () => {
    const session = new Session().open().say(0, 'lost!').say(1, 'reply').say(0, 'next')
    const list = session.segments.filter((_, i) => i !== 3)
    expect(texts(list)).toEqual([['<5>next', 'reply']])
    expect(gather(list)[0]!.order).toEqual(['opened', 'gap 0', 'bytes 1', 'bytes 0', 'closed'])
    // Time alone ends the patience: no further segment of this connection is needed.
    const late = list.map((s, i) => Object.assign(s.keep(), { at: 1e6 + i }))
    late[4]!.at += 2_100_000
    expect(gather(late)[0]!.order).toEqual(['opened', 'gap 0', 'bytes 1', 'bytes 0', 'closed'])
  })

  it('is not a gap where the capture only swapped request and reply', () => {
    const { segments } = new Session()
      .open()
      .say(0, 'ask')
      .say(1, 'answer')
      .say(0, 'ask')
      .say(1, 'again')
      .close()
    const swapped = [0, 1, 2, 4, 3, 6, 5, 8, 7, 9].map((i) => segments[i]!)
    expect(texts(swapped)).toEqual([['askask', 'answeragain']])
    expect(gather(swapped)).toMatchObject([{ closed: 'fin', order: gather(segments)[0]!.order }])
  })

  it('is nothing where a connection is refused: that is told at once', () => {
    const seen: string[] = []
    const reassembly = new Reassembly((e) => seen.push(e.kind === 'closed' ? `closed ${e.how}` : e.kind))
    reassembly.segment(segment(0, { seq: 1000, flags: FLAG.SYN }))
    reassembly.segment(segment(1, { seq: 0, ack: 1001, flags: FLAG.RST | FLAG.ACK }))
    expect(seen).toEqual(['opened', 'closed reset'])
  })

  it('is not a gap where a quiet link is shown in a slightly wrong order, seconds apart', () => {
    const { segments } = new Session().open().say(0, 'ask').say(1, 'answer').say(0, 'ask').close()
    const swapped = [0, 1, 2, 4, 3, 6, 5, 7].map((i) => segments[i]!)
    swapped.forEach((each, i) => {
      each.at = i * 900_000
    })
    expect(texts(swapped)).toEqual([['askask', 'answer']])
  })

  it('is a gap soon where much passes meanwhile, on whichever connection', () => {
    const seen: string[] = []
    const reassembly = new Reassembly((e) => seen.push(e.kind))
    const { segments } = new Session().open().say(0, 'lost!').say(1, 'reply')
    for (const [i, each] of segments.entries()) if (i !== 3) reassembly.segment(each)
    for (let i = 0; i < 70; i++) {
      const other = segment(0, { seq: 100 + i, ack: 1, at: i * 500, payload: 'x' })
      other.flow = `\t${other.flow.slice(1)}`
      reassembly.segment(other)
    }
    expect(seen).toContain('gap')
  })

  it('is a gap when snaplen cut it off, except where another copy has it', () => {
    const opened = new Session().open().segments
    const list = [
      ...opened,
      segment(0, { seq: 1001, ack: 5001, payload: 'ab', cut: 4 }),
      segment(0, { seq: 1010, ack: 5001, payload: 'jkl' }),
      segment(0, { seq: 1007, ack: 5001, payload: 'g', cut: 4 }),
      segment(0, { seq: 1016, ack: 5001, payload: '', cut: 5 }),
      segment(0, { seq: 1013, ack: 5001, payload: '', cut: 3 }),
    ]
    expect(texts(list)).toEqual([['ab<4>g<2>jkl<8>', '']])
  })

  it('is only what no other copy has, also where the cut copy came early', () => {
    const list = [
      ...new Session().open().segments,
      segment(0, { seq: 1007, ack: 5001, payload: 'ghijkl' }),
      segment(0, { seq: 1006, ack: 5001, payload: 'fgh', cut: 10 }),
      segment(0, { seq: 1001, ack: 5001, payload: 'abcde' }),
    ]
    expect(texts(list)).toEqual([['abcdefghijkl<6>', '']])
  })

  it('is a gap when the capture ends, or too much waits behind it', () => {
    const opened = new Session().open().segments
    const far = segment(0, { seq: 1101, ack: 5001, payload: 'far' })
    expect(texts([...opened, far])).toEqual([['<100>far', '']])
    const many = Array.from({ length: 50 }, (_, i) => {
      return segment(0, { seq: 2001 + i * 1000, ack: 5001, payload: Buffer.alloc(1000, 'x') })
    })
    const [found] = gather([...opened, ...many, segment(1, { seq: 5001, ack: 1001, payload: 'last' })], {
      pendingPerDirection: 20_000,
    })
    expect(found!.order.indexOf('gap 0')).toBeLessThan(found!.order.indexOf('bytes 1'))
    expect(found!.streams[0]).toMatchObject([{ missing: 1000 }, { length: 50_000 }])
  })

  it('is not a byte where it was only the FIN', () => {
    const { segments } = new Session().open().say(0, 'bye').close()
    expect(texts(segments.filter((_, i) => i !== 4))).toEqual([['bye', '']])
    const one = new Session().open().say(0, '1').say(1, 'a').say(0, '2').say(1, 'b').segments
    expect(texts(one.filter((_, i) => i !== 3))).toEqual([['<1>2', 'ab']])
  })

  it('holds nobody up once it is known: neither the other side, nor what follows it', () => {
    const asking = new Session().open().say(0, '1').say(1, 'a')
    const half = new Session().open().finish(0).acknowledge(1)
    for (const [session, lost, more] of [
      [half, 3, [1, 'still talking']],
      [asking, 3, [0, 'next']],
    ] as const) {
      session.say(more[0], more[1])
      const seen: string[] = []
      const reassembly = new Reassembly((e) =>
        seen.push('direction' in e ? `${e.kind} ${e.direction}` : e.kind),
      )
      session.segments.forEach((made, index) => {
        made.at = index * 100_000
        if (index !== lost) reassembly.segment(made)
      })
      reassembly.tick(3e6)
      // The end of the input was not told: what is here came without it.
      expect(seen.at(-1)).toBe(`bytes ${more[0]}`)
      // Each further segment comes through at once.
      const { length } = seen
      session.say(more[0], 'more')
      reassembly.segment(Object.assign(session.segments.at(-1)!, { at: 1e6 }))
      expect(seen.slice(length)).toEqual([`bytes ${more[0]}`])
    }
  })

  it('leaves a one-sided capture readable, with gaps for the other side', () => {
    const session = new Session().open()
    for (let i = 0; i < 40; i++) session.say(0, `ask ${i};`).say(1, `answer ${i};`)
    const [found] = gather(session.segments.filter((s) => s.flow === session.segments[0]!.flow))
    expect(textOf(found!.streams[0])).toBe(session.stream(0).toString())
    expect(found!.streams[1]).toMatchObject([{ missing: expect.any(Number) }])
  })
})

describe('a capture that began in the middle', () => {
  it('starts where its first segments do, whatever their order', () => {
    const session = new Session().open().say(0, 'before').say(1, 'before')
    session.say(0, 'one').say(1, 'two').say(0, 'three').say(1, 'four').close()
    const middle = session.segments.slice(5)
    expect(gather(middle)).toMatchObject([{ how: 'middle', closed: 'fin' }])
    expect(texts(middle)).toEqual([['onethree', 'twofour']])
    const swapped = [1, 0, 3, 2, 4, 5, 6].map((i) => middle[i]!)
    expect(texts(swapped)).toEqual([['twofour', 'onethree']])
  })

  it('does not begin with a keep-alive', () => {
    const list = [
      segment(0, { seq: 999, ack: 500 }),
      segment(1, { seq: 500, ack: 1000 }),
      segment(0, { seq: 1000, ack: 500, payload: 'x' }),
    ]
    expect(texts(list)).toEqual([['x', '']])
  })
})

describe('ports used again', () => {
  it('are a new connection, closed or not', () => {
    const first = new Session([1000, 5000]).open().say(0, 'first').segments
    const second = new Session([70_000, 90_000]).open().say(0, 'second').close().segments
    const third = new Session([500_000, 600_000]).open().say(0, 'third').segments
    const found = gather([...first, ...second, ...third])
    expect(found.map((c) => [textOf(c.streams[0]), c.closed])).toEqual([
      ['first', 'replaced'],
      ['second', 'fin'],
      ['third', 'end-of-input'],
    ])
  })

  it('are recognised after the end even where the SYN was not captured', () => {
    const first = new Session([1000, 5000]).open().say(0, 'first').close().segments
    const second = new Session([2 ** 31, 90_000]).open().say(0, 'second').segments.slice(3)
    expect(texts([...first, ...second])).toEqual([
      ['first', ''],
      ['second', ''],
    ])
  })
})

describe('limits', () => {
  it('forget the connection that was idle for longest', () => {
    const many = Array.from({ length: 5 }, (_, i) => {
      const syn = segment(0, { seq: 1, flags: FLAG.SYN })
      syn.flow = syn.flow.slice(0, -1) + String.fromCharCode(i)
      return syn
    })
    const found = gather([...many, many[2]!], { connections: 3 })
    expect(found.map((c) => c.closed)).toEqual([
      'forgotten',
      'forgotten',
      'end-of-input',
      'end-of-input',
      'end-of-input',
    ])
  })

  it('hold a flood of segments behind holes, in all connections together', () => {
    const payload = Buffer.alloc(10_000, 'x')
    const flood = Array.from({ length: 2000 }, (_, i) => {
      const made = segment(0, { seq: 100 + i * 20_000, payload })
      made.flow = made.flow.slice(0, -1) + String.fromCharCode(i % 50)
      return made
    })
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    gather(
      (function* () {
        for (const [i, made] of flood.entries()) {
          if (i < 50) yield Object.assign(made.keep(), { flags: FLAG.SYN })
          yield made
          if (i % 100 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before)
        }
      })(),
      { pending: 1_000_000 },
    )
    // What was delivered is held by this test itself: 20 MB; what waits may add a few.
    expect(most).toBeLessThan(80_000_000)
  })

  it('hold what waits for a beginning in very many connections', () => {
    const payload = Buffer.alloc(60_000, 'x')
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const reassembly = new Reassembly(() => {}, { pending: 1_000_000 })
    for (let i = 0; i < 2000; i++) {
      const made = segment(0, { seq: 1, ack: 1, payload })
      made.flow = made.flow.slice(0, -2) + String.fromCharCode(i >> 8, i & 255)
      reassembly.segment(made)
      if (i % 50 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    expect(most).toBeLessThan(60_000_000)
  })

  it('survive segments that mean nothing', () => {
    const any = fc.record({
      side: fc.constantFrom(0 as const, 1 as const),
      seq: fc.oneof(fc.nat(0xffffffff), fc.nat(40)),
      ack: fc.oneof(fc.nat(0xffffffff), fc.nat(40)),
      flags: fc.nat(63),
      length: fc.nat(30),
      cut: fc.nat(5),
      at: fc.oneof(fc.nat(1e6), fc.constantFrom(1e300, -5)),
    })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 120 }), (list) => {
        gather(
          list.map(({ side, length, ...rest }) =>
            segment(side, { ...rest, payload: Buffer.alloc(length, 'z') }),
          ),
        )
      }),
      { numRuns: 500 },
    )
  })
})
