/**
 * Plays both sides of a recorded session over real sockets, through whatever stands between them.
 *
 *   our replica ──► something that forwards ──► our master
 *
 * Each step is sent when the bytes of the steps before it have arrived at the other end, so the order is the
 * recorded one; the pauses are the recorded ones too, shortened to PAUSE_MAX_MS.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Side } from '../replication/events.ts'
import type { Transcript, TranscriptStep } from './transcript.ts'

const PAUSE_MAX_MS = 600

/** One connection: both of its ends are ours, and what each has received. */
type Played = {
  readonly ends: Readonly<Record<Side, Socket>>
  readonly arrived: Record<Side, number>
  readonly sent: Record<Side, number>
}

export class TranscriptPlayer {
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true })

  /** Begins to listen as the master. @returns its port */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  /** Plays all steps; the replica's connections go to `port`. */
  async play(transcript: Transcript, port: number): Promise<void> {
    const played = new Map<number, Played>()
    let time = transcript.steps[0]?.time ?? 0
    for (const step of transcript.steps) {
      await pause(Math.min(PAUSE_MAX_MS, (step.time - time) * 1000))
      time = step.time
      const conn = played.get(step.conn) ?? (await this.#open(port))
      played.set(step.conn, conn)
      await send(conn, step)
    }
    await pause(PAUSE_MAX_MS)
    for (const { ends } of played.values()) ends.replica.end()
  }

  close(): void {
    this.#server.close()
  }

  async #open(port: number): Promise<Played> {
    const accepted = once(this.#server, 'connection') as Promise<[Socket]>
    const replica = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    const [master] = await accepted
    const conn: Played = {
      ends: { replica, master },
      arrived: { replica: 0, master: 0 },
      sent: { replica: 0, master: 0 },
    }
    for (const side of ['replica', 'master'] as const) {
      const socket = conn.ends[side]
      socket.on('data', (chunk) => {
        conn.arrived[side] += chunk.length
      })
      socket.on('end', () => socket.end())
      socket.on('error', () => socket.destroy())
    }
    return conn
  }
}

async function send({ ends, arrived, sent }: Played, step: TranscriptStep): Promise<void> {
  const other: Side = step.side === 'replica' ? 'master' : 'replica'
  if (step.bytes.length === 0) {
    ends[step.side].end()
    return
  }
  ends[step.side].write(step.bytes)
  sent[step.side] += step.bytes.length
  while (arrived[other] < sent[step.side] && !ends[other].destroyed) await pause(1)
}
