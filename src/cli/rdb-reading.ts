/**
 * What all `syncscope rdb` verbs share: a snapshot file read to its end, or to where the verb has enough,
 * with progress on the terminal when that takes longer than a second.
 */
import { RdbDecoder, type RdbFault } from '../codec/rdb/decode.ts'
import type { RdbEvent } from '../codec/rdb/events.ts'
import type { SizedRecord } from '../codec/rdb/sized-record.ts'
import type { RdbDetail } from '../codec/rdb/walk.ts'
import { DamagedInput, FileInput } from '../io/file-input.ts'
import { systemNow } from '../io/system-clock.ts'
import { damageText } from '../rdb/damage.ts'
import { ReadingProgress } from '../rdb/reading-progress.ts'

export type Reading = {
  readonly input: FileInput
  readonly fault: RdbFault | undefined
  /** Bytes behind the end of the snapshot. */
  readonly extra: number
}

/** Feeds chunks until the file ends or `push` answers false. */
export async function readChunks(
  input: FileInput,
  push: (chunk: Buffer) => boolean | Promise<boolean>,
): Promise<void> {
  const progress = process.stderr.isTTY === true ? new ReadingProgress(input, systemNow()) : undefined
  try {
    for await (const chunk of input.chunks()) {
      const line = progress?.line(systemNow())
      if (line !== undefined) process.stderr.write(line)
      if (!(await push(chunk))) return
    }
  } finally {
    const clear = progress?.end()
    if (clear !== undefined) process.stderr.write(clear)
  }
}

export type ReadOptions = {
  readonly detail: RdbDetail
  readonly onEvent: (event: RdbEvent) => void
  /** As RdbOptions.onRecord. */
  readonly onRecord?: (record: SizedRecord) => void
  /** Between two chunks: writes what is to be written. Answers false when no more is wanted. */
  readonly afterChunk?: () => Promise<boolean>
}

/** Decodes a whole file. Damage is no exception: it is in the answer. @throws UsageError */
export async function readSnapshot(path: string, options: ReadOptions): Promise<Reading> {
  const { detail, onEvent, onRecord, afterChunk } = options
  const input = new FileInput(path)
  let fault: RdbFault | undefined
  let extra = 0
  let keys = 0
  let received = 0
  let isEnough = false
  const decoder = new RdbDecoder({
    detail,
    onEvent: (event) => {
      if (event.kind === 'key-end') keys++
      onEvent(event)
    },
    ...(onRecord === undefined
      ? {}
      : {
          onRecord: (record) => {
            keys++
            onRecord(record)
          },
        }),
    onFault: (found) => {
      fault = found
    },
  })
  try {
    await readChunks(input, async (chunk) => {
      received += chunk.length
      extra += chunk.length - decoder.push(chunk)
      if (afterChunk !== undefined) isEnough = !(await afterChunk())
      return fault === undefined && !isEnough
    })
    if (!isEnough) decoder.end()
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error
    decoder.end()
    return { input, fault: containerFault(error, fault, received, keys), extra }
  }
  return { input, fault: fault === undefined ? undefined : placed(fault, received), extra }
}

/** A file that ends early is damaged at its end, not where the value began that is not complete. */
export function placed(fault: RdbFault, received: number): RdbFault {
  if (fault.code !== 'INPUT_TRUNCATED') return fault
  return { ...fault, position: received, detail: 'the file ends there' }
}

/** Damaged gzip data end the bytes early: the decoder knows what was being read, the unpacker why. */
export function containerFault(
  { message }: DamagedInput,
  fault: RdbFault | undefined,
  position: number,
  keys: number,
): RdbFault {
  const what = fault ?? { reading: 'what follows', db: 0, key: undefined, rdbType: undefined, keys }
  return { ...what, code: 'INPUT_DAMAGED', detail: message, position }
}

/** Says on stderr what is damaged, if anything is. @returns whether it was */
export function complainOfDamage(file: string, { fault }: Reading): boolean {
  if (fault !== undefined) process.stderr.write(`syncscope: ${damageText(file, fault, undefined)}\n`)
  return fault !== undefined
}
