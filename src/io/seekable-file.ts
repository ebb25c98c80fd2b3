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
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../usage-error.ts'
import { FileInput, isStandardInput } from './file-input.ts'

const GZIP_MAGIC = 0x1f8b

export class SeekableFile {
  /** As it was asked for. */
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

/** @param path of a file; `-` is standard input. @throws UsageError, DamagedInput */
export async function openSeekable(path: string): Promise<SeekableFile> {
  const descriptor = isStandardInput(path) ? undefined : openPlain(path)
  return new SeekableFile(path, descriptor ?? (await spooled(path)))
}

/**
 * The file, if it can be read as it is, at any position; it is the caller's to close. Not for pipes and
 * gzip.
 */
export function openIfPlain(path: string): SeekableFile | undefined {
  const descriptor = isStandardInput(path) ? undefined : openPlain(path)
  return descriptor === undefined ? undefined : new SeekableFile(path, descriptor)
}

/**
 * The descriptor of a file that can be read as it is; undefined for all others, and for what cannot be
 * opened.
 */
function openPlain(path: string): number | undefined {
  try {
    const descriptor = openSync(path, 'r')
    const magic = Buffer.alloc(2)
    if (fstatSync(descriptor).isFile()) {
      readSync(descriptor, magic, 0, 2, 0)
      if (magic.readUInt16BE(0) !== GZIP_MAGIC) return descriptor
    }
    closeSync(descriptor)
  } catch {
    // FileInput meets the same, and knows the words for it.
  }
  return undefined
}

/** The unpacked bytes in a file without a name. Returns its descriptor. */
async function spooled(path: string): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-'))
  const descriptor = openSync(join(dir, 'snapshot'), 'w+')
  rmSync(dir, { recursive: true })
  try {
    for await (const chunk of new FileInput(path).chunks()) {
      for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at)
    }
    return descriptor
  } catch (error) {
    closeSync(descriptor)
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOSPC') throw error
    throw new UsageError(
      `cannot unpack ${path}: no room left in ${tmpdir()}; TMPDIR may name another directory`,
    )
  }
}
