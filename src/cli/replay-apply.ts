/**
 * `syncscope replay --apply`: snapshot and commands of a recording, applied to a server.
 *
 *   recording ─► snapshot ─► temporary file ─► commands that rebuild it ─┐
 *            └─► stream ─► without what only a replica understands ──────┴─► one connection, pipelined
 */

import type { ByteString } from '../bytes/byte-string.ts'
import { readable } from '../bytes/byte-string.ts'
import { encodeCommand } from '../codec/resp/encode.ts'
import { type Address, addressText, parseAddress } from '../io/address.ts'
import { CommandPipe } from '../io/command-pipe.ts'
import { recordedPieces } from '../io/recorded-pieces.ts'
import { connectRedis, type RedisClient } from '../io/redis-client.ts'
import { systemNow } from '../io/system-clock.ts'
import { TemporaryFile } from '../io/temporary-file.ts'
import { dialectOf } from '../rdb/convert-dialect.ts'
import type { ConvertLoss } from '../rdb/convert-loss.ts'
import { convertToResp } from '../rdb/convert-resp.ts'
import { damageText } from '../rdb/damage.ts'
import { DamagedSnapshot } from '../rdb/reread.ts'
import { AppliedStream } from '../replay/applied-stream.ts'
import type { Chapter } from '../replay/chapters.ts'
import { Rendition } from '../replay/rendition.ts'
import { count, counted, duration, share, bytes as sizeText } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { untilInterrupted } from './interrupt.ts'
import { needSnapshot, type Recording, type ReplayArguments, readRecording, summaryOf } from './replay.ts'
import type { SessionOutput } from './session-output.ts'

const EXIT_FOUND = 1
const LOSSES_SHOWN = 10
const PROGRESS_MICROS = 200_000

/** @returns the exit status: 1 where something could not be applied @throws UsageError */
export async function runApply(
  args: ReplayArguments,
  toText: string,
  output: SessionOutput,
): Promise<number> {
  const to = parseAddress(toText, '--apply')
  const recording = await readRecording(args, output)
  needSnapshot(recording)
  const version = await prepared(to, args.force)
  const pipe = await CommandPipe.open(to)
  const application = new Application(recording, pipe, version, output)
  void untilInterrupted().then(() => {
    application.isStopped = true
  })
  output.notice(`syncscope: applying ${summaryOf(recording)} to ${addressText(to)} (${version})`)
  try {
    await pipe.send(loginOf(to))
    return await application.run()
  } finally {
    application.close()
    await output.drained()
  }
}

/** Looks whether the server is one to write to. @returns its version @throws UsageError */
async function prepared(to: Address, force: boolean): Promise<string> {
  const name = addressText(to)
  const target = to.kind === 'unix' ? { path: to.path } : { host: to.host, port: to.port }
  let client: RedisClient
  try {
    client = await connectRedis(target)
  } catch (error) {
    throw new UsageError(`--apply: ${(error as Error).message}`, { cause: error })
  }
  try {
    if (to.kind === 'tcp' && to.login !== undefined && to.login.password !== '') {
      const { user, password } = to.login
      await client.command('AUTH', ...(user === '' ? [password] : [user, password]))
    }
    const info = String(await client.command('INFO'))
    const field = (of: string) => new RegExp(`^${of}:(.*?)\\r?$`, 'm').exec(info)?.[1]
    if (field('role') === 'slave') throw new UsageError(`--apply: ${name} is a replica: it takes no writes`)
    const dbs = [...info.matchAll(/^db(\d+):keys=(\d+)/gm)]
    if (dbs.length > 0 && !force) {
      const keys = dbs.reduce((sum, [, , number]) => sum + Number(number), 0)
      throw new UsageError(
        `--apply: ${name} is not empty (${counted(keys, 'key')}): --force writes there all the same`,
      )
    }
    const valkey = field('valkey_version')
    return valkey === undefined ? (field('redis_version') ?? '7.0') : `valkey-${valkey}`
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`--apply: ${name}: ${(error as Error).message}`, { cause: error })
  } finally {
    await client.close()
  }
}

function loginOf(to: Address): Buffer {
  if (to.kind !== 'tcp' || to.login === undefined || to.login.password === '') return Buffer.alloc(0)
  const { user, password } = to.login
  return encodeCommand(['AUTH', ...(user === '' ? [] : [user]), password] as ByteString[])
}

class Application {
  isStopped = false
  readonly #recording: Recording
  readonly #chapter: Chapter
  readonly #pipe: CommandPipe
  readonly #version: string
  readonly #output: SessionOutput
  readonly #snapshot = new TemporaryFile()
  readonly #stream = new AppliedStream()
  readonly #since = systemNow()
  #keys = 0
  #losses = 0
  #shownAt = 0
  /** Something is not applied as it was, and was said. */
  #isShort = false

  constructor(recording: Recording, pipe: CommandPipe, version: string, output: SessionOutput) {
    this.#recording = recording
    this.#chapter = recording.chapters.at(-1)!
    this.#pipe = pipe
    this.#version = version
    this.#output = output
  }

  close(): void {
    this.#output.progress(undefined)
    this.#pipe.close()
    this.#snapshot.close()
  }

  async run(): Promise<number> {
    const { chapters } = this.#recording
    if (chapters.length > 1) {
      this.#say(`the last of ${chapters.length} full syncs is applied: it holds what those before it had`)
    }
    await this.#play()
    if (!this.isStopped && this.#pipe.broken === undefined) {
      if (this.#stream.isInTransaction)
        this.#fall('the recording ends within a transaction: it is not applied')
      await this.#pipe.send(this.#stream.end())
      this.#tellHole()
    }
    await this.#pipe.drained()
    return this.#tellEnd()
  }

  /** Two readings: the stream may have passed beside the snapshot, and comes behind it here. */
  async #play(): Promise<void> {
    const { snapshot } = this.#chapter
    await this.#take()
    if (this.#isOver) return
    await this.#load()
    await this.#pipe.send(encodeCommand(['SELECT', String(snapshot.db)] as ByteString[]))
    if (!this.#isOver) await this.#follow()
  }

  /** Takes the snapshot out of the recording. */
  async #take(): Promise<void> {
    const { path } = this.#recording
    const { snapshot, conn } = this.#chapter
    const size = snapshot.end - snapshot.from
    for await (const batch of recordedPieces(path, (each) => each === conn)) {
      for (const piece of batch) {
        if (piece.kind !== 'bytes' || piece.side !== 'master') continue
        const start = Math.max(0, snapshot.from - piece.from)
        const end = Math.min(piece.bytes.length, snapshot.end - piece.from)
        if (end > start) this.#hold(piece.bytes.subarray(start, end))
        this.#progress('reading the snapshot', this.#snapshot.length, size)
        if (this.#isOver || this.#snapshot.length === size) return
      }
    }
  }

  /** Applies the stream. */
  async #follow(): Promise<void> {
    const { path, link } = this.#recording
    const { from, to } = this.#chapter
    const rendition = new Rendition(this.#chapter, from)
    for await (const batch of recordedPieces(path, (each) => link.conns.has(each))) {
      for (const piece of batch) {
        if (this.#isOver || rendition.isOver) return
        if (piece.kind !== 'bytes') continue
        await this.#pipe.send(this.#stream.push(rendition.takeStream(piece)))
        this.#progress('applying the stream', rendition.offset - from, to - from)
        if (this.#stream.fault !== undefined) {
          this.#fall(`the stream is not understood: ${this.#stream.fault}; what follows is not applied`)
          return
        }
      }
    }
  }

  get #isOver(): boolean {
    return this.isStopped || this.#pipe.broken !== undefined
  }

  #hold(slice: Buffer): void {
    try {
      this.#snapshot.append(slice)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      throw new UsageError('no room for the snapshot; TMPDIR may name another directory', { cause: error })
    }
  }

  /** The commands that rebuild the snapshot. */
  async #load(): Promise<void> {
    const file = this.#snapshot
    const bytes = {
      name: 'the snapshot',
      size: file.length,
      read: (into: Buffer, position: number) => file.read(into, position),
    }
    const steps = convertToResp(bytes, {
      dialect: dialectOf(this.#version),
      onLoss: (loss) => this.#lose(loss),
      onProgress: (position, size) => this.#progress('applying the snapshot', position, size),
    })
    try {
      for (;;) {
        const { value, done } = steps.next()
        if (done) {
          this.#keys = value.keys
          if (value.checksum === 'bad') this.#fall('the checksum of the snapshot is wrong')
          return
        }
        await this.#pipe.send(value)
        if (this.#isOver) return
      }
    } catch (error) {
      if (!(error instanceof DamagedSnapshot)) throw error
      throw new UsageError(damageText('the snapshot', error.fault, undefined), { cause: error })
    }
  }

  #lose({ db, key, detail }: ConvertLoss): void {
    if (++this.#losses > LOSSES_SHOWN) return
    const name = typeof key === 'string' ? key : (key?.preview ?? '')
    this.#fall(`lost: ${key === undefined ? '' : `db ${db} ${readable(name.slice(0, 60))}: `}${detail}`)
  }

  #tellHole(): void {
    const { hole } = this.#chapter
    if (hole === undefined) return
    const what = hole.missing > 0 ? `${count(hole.missing)} bytes are` : 'some of it is'
    this.#fall(
      `the stream has a hole: ${what} missing behind offset ${hole.offset}; nothing is applied from there`,
    )
  }

  #tellEnd(): number {
    const { broken, errorCount, errors, answered } = this.#pipe
    this.#output.progress(undefined)
    for (const { name, key, text } of errors) {
      this.#say(
        `refused: ${[name, key === '' ? '' : readable(key)].filter((w) => w !== '').join(' ')}: ${text}`,
      )
    }
    if (errorCount > errors.length) this.#say(`… and ${count(errorCount - errors.length)} more errors`)
    if (this.#losses > LOSSES_SHOWN) this.#say(`… and ${count(this.#losses - LOSSES_SHOWN)} more losses`)
    if (broken !== undefined) this.#say(`after ${counted(answered, 'command')}: ${broken}`)
    if (this.isStopped) this.#say('stopped before the end')
    const took = duration(systemNow() - this.#since)
    const keys = `${counted(this.#keys, 'key')} of the snapshot (${sizeText(this.#snapshot.length)})`
    const commands = `${counted(this.#stream.commands, 'command')} of the stream`
    const bad = errorCount === 0 ? 'no errors' : counted(errorCount, 'error')
    this.#say(`applied in ${took}: ${keys}, ${commands}; ${bad}`)
    return errorCount > 0 || this.#isShort || broken !== undefined ? EXIT_FOUND : 0
  }

  #progress(what: string, done: number, all: number): void {
    const now = systemNow()
    if (now - this.#shownAt < PROGRESS_MICROS) return
    this.#shownAt = now
    this.#output.progress(`${what}  ${share(done, all)}`)
  }

  #fall(line: string): void {
    this.#isShort = true
    this.#say(line)
  }

  #say(line: string): void {
    this.#output.notice(`syncscope: ${line}`)
  }
}
