/**
 * SeekableFile: a snapshot file that can be read from any position, whatever it came as.
 *
 *   dump.rdb      read where it is
 *   dump.rdb.gz   unpacked into a temporary file first
 *   -, a pipe     copied into a temporary file first
 *
 * The temporary file has no name: it is unlinked as soon as it is open, so nothing is left behind however the
 * process ends. It needs as much room in the directory for temporary files as the snapshot is long.
 */
import {
  closeSync,
  createReadStream,
  fstatSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UsageError } from '../usage-error.ts'

const GZIP_MAGIC = 0x1f8b
const STDIN = '-'

export class SeekableFile {
  /** For messages. */
  readonly name: string
  readonly size: number
  readonly #descriptor: number

  constructor(name: string, descriptor: number) {
    this.name = name
    this.size = fstatSync(descriptor).size
    this.#descriptor = descriptor
  }

  /** Reads at `position` into `into`, as far as there is something. Returns the number of bytes. */
  read(into: Buffer, position: number): number {
    return readSync(this.#descriptor, into, 0, into.length, position)
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

/** @param path of a file; `-` is standard input. @throws UsageError */
export async function openSeekable(path: string): Promise<SeekableFile> {
  const name = path === STDIN ? 'stdin' : basename(path)
  try {
    let descriptor = path === STDIN ? await spooled(process.stdin) : openSync(path, 'r')
    if (fstatSync(descriptor).isDirectory()) throw new UsageError(`cannot read ${path}: it is a directory`)
    if (!fstatSync(descriptor).isFile())
      descriptor = await spooled(createReadStream(path, { fd: descriptor }))
    if (isGzip(descriptor)) descriptor = await spooled(unpacked(descriptor))
    return new SeekableFile(name, descriptor)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new UsageError(`cannot read ${path}: ${REASONS[code] ?? message}`)
  }
}

function isGzip(descriptor: number): boolean {
  const magic = Buffer.alloc(2)
  return readSync(descriptor, magic, 0, 2, 0) === 2 && magic.readUInt16BE(0) === GZIP_MAGIC
}

function unpacked(descriptor: number): Readable {
  const gunzip = createGunzip()
  // An error of either destroys both; the one who reads hears of it.
  pipeline(createReadStream('', { fd: descriptor, start: 0 }), gunzip, () => {})
  return gunzip
}

/** Copies a stream into a file without a name. Returns its descriptor. */
async function spooled(stream: Readable): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-'))
  const descriptor = openSync(join(dir, 'snapshot'), 'w+')
  rmSync(dir, { recursive: true })
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at)
  }
  return descriptor
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  ENOSPC: 'no room for the temporary file',
  Z_DATA_ERROR: 'its gzip data are damaged',
  Z_BUF_ERROR: 'its gzip data end too early',
}
