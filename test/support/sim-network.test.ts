import { describe, expect, it } from 'vitest'
import type { Connection, DialedConnection, Peer } from '../../src/ports.ts'
import { SimClock } from './sim-clock.ts'
import { SimNetwork } from './sim-network.ts'
import type { Weather } from './sim-pipe.ts'
import { SimRandom } from './sim-random.ts'

const CALM: Weather = {
  latency: [100, 5000],
  segmentBytes: 7,
  windowBytes: 64,
  readMicros: 500,
  highWater: 16_384,
}
const SECOND = 1_000_000

/** A dialing machine that notes what happens to it. */
class Caller implements DialedConnection {
  readonly events: string[] = []
  text = ''
  opened(): void {
    this.events.push('opened')
  }
  push(chunk: Buffer): void {
    this.text += chunk.toString('latin1')
  }
  drained(): void {
    this.events.push('drained')
  }
  closed(why?: string): void {
    this.events.push(`closed ${why ?? ''}`.trim())
  }
}

/** Sends back what it gets. */
class Echo implements Connection {
  readonly peer: Peer
  isClosed = false
  readonly chunks: number[] = []
  constructor(peer: Peer) {
    this.peer = peer
  }
  push(chunk: Buffer): void {
    this.chunks.push(chunk.length)
    this.peer.send([Buffer.from(chunk)])
  }
  drained(): void {}
  closed(): void {
    this.isClosed = true
  }
}

function start(seed = 1, weather = CALM) {
  const clock = new SimClock()
  const network = new SimNetwork(clock, new SimRandom(seed), weather)
  const echoes: Echo[] = []
  network.listen('m:1', (peer) => {
    const echo = new Echo(peer)
    echoes.push(echo)
    return echo
  })
  const caller = new Caller()
  const peer = network.dialer('r').dial({ host: 'm', port: 1 }, caller)
  const link = () => [...network.links][0]!
  return { clock, network, echoes, caller, peer, link }
}

describe('a network in virtual time', () => {
  it('brings all bytes back in order, in other chunks', () => {
    const { clock, echoes, caller, peer } = start()
    const text = Array.from({ length: 400 }, (_, i) => String(i)).join(' ')
    peer.send([text.slice(0, 50), Buffer.from(text.slice(50))])
    expect(caller.events).toEqual([])
    clock.run(SECOND)
    expect(caller.events).toEqual(['opened'])
    expect(caller.text).toBe(text)
    expect(echoes[0]!.chunks.length).toBeGreaterThan(20)
    expect(new Set(echoes[0]!.chunks).size).toBeGreaterThan(3)
  })

  it('does the same again from the same seed, and something else from another', () => {
    const run = (seed: number): string => {
      const { clock, echoes, peer } = start(seed)
      const times: string[] = []
      clock.onStep = () => times.push(String(clock.elapsed))
      peer.send(['x'.repeat(500)])
      clock.run(SECOND)
      return `${echoes[0]!.chunks} ${times}`
    }
    expect(run(5)).toBe(run(5))
    expect(run(5)).not.toBe(run(6))
  })

  it('lets bytes wait with the sender while the reader is paused, and says when they are gone', () => {
    const { clock, echoes, caller, peer } = start()
    clock.run(SECOND)
    echoes[0]!.peer.pause()
    peer.send(['x'.repeat(20_000)])
    clock.run(SECOND)
    expect(peer.waitingBytes).toBe(20_000 - CALM.windowBytes)
    expect(echoes[0]!.chunks).toEqual([])
    echoes[0]!.peer.resume()
    clock.run(60 * SECOND)
    expect(peer.waitingBytes).toBe(0)
    expect(caller.events).toEqual(['opened', 'drained'])
    expect(caller.text.length).toBe(20_000)
  })

  it('sends what waits before an end, and answers an end with an end', () => {
    const { clock, echoes, caller, peer, network } = start()
    clock.run(SECOND)
    peer.send(['y'.repeat(1000)])
    peer.close()
    clock.run(SECOND)
    expect(echoes[0]!.chunks.reduce((sum, count) => sum + count, 0)).toBe(1000)
    expect([echoes[0]!.isClosed, ...caller.events]).toEqual([true, 'opened', 'closed'])
    expect(network.links.size).toBe(0)
  })

  it('cuts: a prefix arrives, and each end sees it in its own time', () => {
    const { clock, echoes, caller, peer, link } = start()
    clock.run(SECOND)
    peer.send(['z'.repeat(60)])
    clock.run(1000)
    link().cut(10 * SECOND, 2 * SECOND)
    clock.run(3 * SECOND)
    expect(echoes[0]!.isClosed).toBe(true)
    expect(caller.events).toEqual(['opened'])
    peer.send(['z'.repeat(60)])
    clock.run(8 * SECOND)
    expect(caller.events).toEqual(['opened', 'closed read ECONNRESET'])
    expect(echoes[0]!.chunks.reduce((sum, count) => sum + count, 0)).toBeLessThan(60)
  })

  it('closes half: the reader goes, the sender follows', () => {
    const { clock, echoes, caller, link } = start()
    clock.run(SECOND)
    link().halfClose(link().dialed)
    clock.run(SECOND)
    expect([echoes[0]!.isClosed, ...caller.events]).toEqual([true, 'opened', 'closed'])
  })

  it('stalls: later, but all of it', () => {
    const { clock, caller, peer, link } = start()
    clock.run(SECOND)
    link().stall(5 * SECOND)
    peer.send(['later'])
    clock.run(4 * SECOND)
    expect(caller.text).toBe('')
    clock.run(8 * SECOND)
    expect(caller.text).toBe('later')
  })

  it('refuses where nobody listens, hangs where hosts are parted, and can be given up', () => {
    const { clock, network } = start()
    const [refused, parted, given] = [new Caller(), new Caller(), new Caller()]
    network.part('r', 'm', 11 * SECOND)
    network.dialer('r').dial({ host: 'm2', port: 1 }, refused)
    network.dialer('r').dial({ host: 'm', port: 1 }, parted)
    network.dialer('r').dial({ host: 'm', port: 1 }, given).destroy()
    clock.run(10 * SECOND)
    expect(refused.events).toEqual(['closed Connection refused'])
    expect(parted.events).toEqual([])
    expect(given.events).toEqual(['closed'])
    clock.run(3 * SECOND)
    expect(parted.events).toEqual(['opened'])
  })

  it('kills: the dead are not called, the others see the end', () => {
    const { clock, echoes, caller, network } = start()
    clock.run(SECOND)
    network.kill('m')
    clock.run(SECOND)
    expect([echoes[0]!.isClosed, ...caller.events]).toEqual([false, 'opened', 'closed'])
  })
})
