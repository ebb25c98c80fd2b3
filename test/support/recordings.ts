/** Recordings made in memory, and read back as events. */
import { decodeCapture } from '../../src/codec/capture/decode.ts'
import { PacketReader } from '../../src/codec/capture/packet.ts'
import { Reassembly } from '../../src/codec/capture/reassembly.ts'
import type { ReplEvent, Side } from '../../src/replication/events.ts'
import { LinkBook, type LinkBookOptions } from '../../src/replication/link-book.ts'
import type { RecordingTarget } from '../../src/sink/recorder.ts'
import { kept } from './transcripts.ts'

/** A target that holds everything. */
export class MemoryRecording implements RecordingTarget {
  isFull = false
  readonly #blocks: Buffer[] = []

  write(block: Buffer): void {
    this.#blocks.push(block)
  }

  get file(): Buffer {
    return Buffer.concat(this.#blocks)
  }
}

const SIDES: readonly [Side, Side] = ['replica', 'master']

/** The events of a recording (the side that opened a connection is the replica), and its comments. */
export function readRecording(
  file: Buffer,
  options: Partial<LinkBookOptions> = {},
): { events: ReplEvent[]; comments: string[] } {
  const events: ReplEvent[] = []
  const comments: string[] = []
  const book = new LinkBook({ ...options, emit: (event) => events.push(kept(event)) })
  const open = new Map<number, { conversation: ReturnType<LinkBook['open']>; ended: Side | undefined }>()
  const reassembly = new Reassembly((event) => {
    const known = open.get(event.connection)
    switch (event.kind) {
      case 'opened': {
        const [from, to] = [event.from, event.to].map(({ host, port }) =>
          host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
        )
        const conversation = book.open(from!, to!, event.at)
        open.set(event.connection, { conversation, ended: undefined })
        break
      }
      case 'bytes':
        known?.conversation.push(SIDES[event.direction], event.bytes, event.at)
        break
      case 'gap':
        known?.conversation.gap(SIDES[event.direction], event.missing, event.at)
        break
      case 'finished':
        if (known !== undefined) known.ended ??= SIDES[event.direction]
        known?.conversation.ending()
        break
      case 'closed': {
        const by = event.by === undefined ? (known?.ended ?? 'master') : SIDES[event.by]
        const how = event.how === 'fin' || event.how === 'reset' ? event.how : 'end-of-input'
        known?.conversation.end(by, how, event.at)
        break
      }
      default:
        throw new Error(JSON.stringify(event))
    }
  })
  const reader = new PacketReader((segment) => reassembly.segment(segment))
  const decoder = decodeCapture((event) => {
    if (event.kind === 'packet') {
      book.tick(event.at)
      reader.packet(event)
      comments.push(...event.comments)
    } else if (event.kind !== 'section' && event.kind !== 'interface') throw new Error(JSON.stringify(event))
  })
  decoder.push(file)
  decoder.end()
  reassembly.end()
  book.tick(Number.POSITIVE_INFINITY)
  return { events, comments }
}
