/**
 * FileInput: the bytes of a file or of standard input, in large chunks, unpacked if they are gzipped.
 *
 *   file ─► buffer A ─► whoever iterates          one buffer is read into while the other is looked at
 *           buffer B ◄─ next read
 *
 * Whether it is gzip is told by its first two bytes, not by its name; several members one after the other
 * are one stream, as `cat a.gz b.gz` makes them. A chunk is borrowed: it is overwritten after the next one
 * was asked for.
 *
 * What the environment refuses (no such file, no permission) is a UsageError; gzip data that are damaged or
 * cut off are a DamagedInput.
 */
import { access, constants, type FileHandle, open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UsageError } from '../usage-error.ts'

const CHUNK_BYTES = 1024 * 1024
const GZIP_MAGIC = 0x1f8b
/** Standard input, as a path that systems know. */
export const STANDARD_INPUT = '/dev/stdin'

export function isStandardInput(path: string): boolean {
  return path === '-' || path === STANDARD_INPUT
}

/** The container of the bytes, not the bytes themselves, is broken. One line for people. */
export class DamagedInput extends Error {}

export class FileInput {
  /** For messages and headings: the last part of the path. */
  readonly name: string
  /** Bytes read so far, before unpacking. */
  read = 0
  /** Length of the file, where there is a file with a length. */
  total: number | undefined
  readonly #path: string
  readonly #isStandard: boolean

  /** @param path of a file; `-` is standard input */
  constructor(path: string) {
    this.#path = path
    this.#isStandard = isStandardInput(path)
    this.name = this.#isStandard ? 'standard input' : basename(path)
  }

  /** Whether the same bytes can be read once more. */
  get isRepeatable(): boolean {
    return !this.#isStandard && this.total !== undefined
  }

  /** Fails at once for what cannot be opened later. @throws UsageError */
  async check(): Promise<void> {
    if (this.#isStandard) return
    try {
      await access(this.#path, constants.R_OK)
      if ((await stat(this.#path)).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
    } catch (error) {
      throw this.#refused(error)
    }
  }

  /**
   * The unpacked bytes from the beginning, in borrowed chunks. Leaving the loop early closes the file.
   * @throws UsageError, DamagedInput
   */
  async *chunks(): AsyncGenerator<Buffer, void, void> {
    this.read = 0
    const packed = this.#isStandard ? this.#stdin() : this.#file()
    try {
      // One byte is no magic, and a pipe may bring one byte first.
      let head: Buffer = Buffer.alloc(0)
      while (head.length < 2) {
        const { value, done } = await packed.next()
        if (done) break
        head = head.length === 0 ? value : Buffer.concat([head, value])
      }
      if (head.length >= 2 && head.readUInt16BE(0) === GZIP_MAGIC) yield* this.#unpacked(head, packed)
      else {
        if (head.length > 0) yield head
        yield* packed
      }
    } finally {
      await packed.return()
    }
  }

  async *#file(): AsyncGenerator<Buffer, void, void> {
    const handle = await this.#opened()
    let next: ReturnType<typeof handle.read> | undefined
    try {
      const { size } = await handle.stat()
      this.total = size > 0 ? size : undefined
      let buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
      let other = Buffer.allocUnsafeSlow(CHUNK_BYTES)
      next = handle.read(buffer, 0, CHUNK_BYTES, null)
      for (;;) {
        const { bytesRead } = await next
        next = undefined
        if (bytesRead === 0) return
        next = handle.read(other, 0, CHUNK_BYTES, null)
        this.read += bytesRead
        yield bytesRead === CHUNK_BYTES ? buffer : buffer.subarray(0, bytesRead)
        ;[buffer, other] = [other, buffer]
      }
    } catch (error) {
      throw this.#refused(error)
    } finally {
      await next?.catch(() => {})
      await handle.close()
    }
  }

  async #opened(): Promise<FileHandle> {
    try {
      return await open(this.#path)
    } catch (error) {
      throw this.#refused(error)
    }
  }

  async *#stdin(): AsyncGenerator<Buffer, void, void> {
    for await (const chunk of process.stdin) {
      this.read += chunk.length
      yield chunk
    }
  }

  async *#unpacked(head: Buffer, packed: AsyncGenerator<Buffer, void, void>): AsyncGenerator<Buffer> {
    // The stream reads ahead, so it must not be given what is borrowed.
    const owned = async function* () {
      yield Buffer.from(head)
      for await (const chunk of packed) yield Buffer.from(chunk)
    }
    let refused: unknown
    const source = Readable.from(owned()).once('error', (error) => {
      refused = error
      gunzip.destroy(error)
    })
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
    try {
      for await (const chunk of source.pipe(gunzip)) yield chunk
    } catch (error) {
      if (refused !== undefined) throw refused
      throw new DamagedInput(`gzip data are damaged: ${(error as Error).message}`)
    } finally {
      source.destroy()
      gunzip.destroy()
    }
  }

  #refused(error: unknown): unknown {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? '']
    return reason === undefined ? error : new UsageError(`cannot read ${this.#path}: ${reason}`)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EIO: 'the device reports an input error',
  EMFILE: 'too many open files',
}
