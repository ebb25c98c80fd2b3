/** Files as they are, gzipped, in several members, damaged; each read to the same bytes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { DamagedInput, FileInput } from '../../src/io/file-input.ts'
import { TemporaryFile } from '../../src/io/temporary-file.ts'
import { UsageError } from '../../src/usage-error.ts'

const dir = mkdtempSync(join(tmpdir(), 'syncscope-input-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const content = Buffer.alloc(3_500_001)
for (let i = 0; i < content.length; i++) content[i] = (i * 2654435761) >>> 13

function file(name: string, bytes: Buffer): string {
  const path = join(dir, name)
  writeFileSync(path, bytes)
  return path
}

async function readAll(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of new FileInput(path).chunks()) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

describe('FileInput', () => {
  it.each([0, 1, 2, 1024 * 1024, content.length])('reads a file of %i bytes', async (size) => {
    const bytes = content.subarray(0, size)
    expect((await readAll(file('plain', bytes))).equals(bytes)).toBe(true)
  })

  it('unpacks gzip, one member or several, whatever the name', async () => {
    const members = [
      content.subarray(0, 1_000_000),
      content.subarray(1_000_000, 1_000_001),
      content.subarray(1_000_001),
    ]
    expect((await readAll(file('one.rdb', gzipSync(content)))).equals(content)).toBe(true)
    const several = Buffer.concat(members.map((member) => gzipSync(member)))
    expect((await readAll(file('several', several))).equals(content)).toBe(true)
  })

  it('knows how far it is', async () => {
    const packed = gzipSync(content)
    const input = new FileInput(file('dump.rdb.gz', packed))
    for await (const _ of input.chunks()) expect(input.total).toBe(packed.length)
    expect([input.name, input.read, input.isRepeatable]).toEqual(['dump.rdb.gz', packed.length, true])
  })

  it('tells cut off and corrupted gzip data from the bytes before', async () => {
    const packed = gzipSync(content)
    const corrupted = Buffer.from(packed)
    corrupted.fill(0xff, packed.length / 2, packed.length / 2 + 64)
    for (const bytes of [packed.subarray(0, packed.length - 5), corrupted]) {
      await expect(readAll(file('broken', bytes))).rejects.toThrow(DamagedInput)
    }
  })

  it('can be left early and read again', async () => {
    const input = new FileInput(file('again', gzipSync(content)))
    for await (const _ of input.chunks()) break
    let length = 0
    for await (const chunk of input.chunks()) length += chunk.length
    expect(length).toBe(content.length)
  })

  it('refuses in one line', async () => {
    await expect(readAll(join(dir, 'none.rdb'))).rejects.toThrow(UsageError)
    await expect(readAll(join(dir, 'none.rdb'))).rejects.toThrow(/none\.rdb: no such file$/)
    await expect(readAll(dir)).rejects.toThrow(/it is a directory$/)
  })
})

describe('TemporaryFile', () => {
  it('gives back what it was given, from anywhere, in blocks of three', () => {
    const held = new TemporaryFile()
    for (let at = 0; at < content.length; at += 70_001) held.append(content.subarray(at, at + 70_001))
    expect(held.length).toBe(content.length)
    for (const start of [0, 5, 3_000_000, content.length]) {
      const blocks = Array.from(held.blocks(start), (block) => Buffer.from(block))
      for (const block of blocks.slice(0, -1)) expect(block.length % 3).toBe(0)
      expect(Buffer.concat(blocks).equals(content.subarray(start))).toBe(true)
    }
    held.close()
  })
})
