/** Recordings made in memory, and read back as events. */
import { decodeCapture } from '../../src/codec/capture/decode.ts'
import { CaptureSession } from '../../src/replication/capture-session.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
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

/** The events of a recording, and its comments. */
export function readRecording(
  file: Buffer,
  options: Partial<LinkBookOptions> = {},
): { events: ReplEvent[]; comments: string[] } {
  const events: ReplEvent[] = []
  const comments: string[] = []
  const fail = (what: unknown) => {
    throw what instanceof Error ? what : new Error(JSON.stringify(what))
  }
  const session = new CaptureSession({
    book: new LinkBook({ ...options, emit: (event) => events.push(kept(event)) }),
    onFile: (event) => event.kind === 'section' || event.kind === 'interface' || fail(event),
    onNotice: fail,
    onBug: fail,
  })
  session.push(file)
  session.endFile()
  session.end()
  const decoder = decodeCapture((event) => {
    if (event.kind === 'packet') comments.push(...event.comments)
  })
  decoder.push(file)
  decoder.end()
  return { events, comments }
}
