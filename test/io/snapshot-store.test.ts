/** Snapshot files: there when they are complete, never in part, and never an older one over a newer. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SnapshotFile, SnapshotStore } from '../../src/io/snapshot-store.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'syncscope-store-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

type Work = (done: (error: Error | undefined) => void) => void
const settled = (work: Work) => new Promise<Error | undefined>((resolve) => work(resolve))
const write = (file: SnapshotFile, ...blocks: string[]) =>
  settled((done) =>
    file.write(
      blocks.map((block) => Buffer.from(block)),
      done,
    ),
  )
const commit = (file: SnapshotFile) => settled((done) => file.commit(done))
const later = () => new Promise((resolve) => setTimeout(resolve, 100))

describe('a snapshot file', () => {
  it('has its name when it is complete, in place of the one before', async () => {
    const path = join(dir, 'dump.rdb')
    writeFileSync(path, 'before')
    const file = new SnapshotStore().create(path)
    expect(await write(file, 'one ', 'two ')).toBeUndefined()
    expect(await write(file)).toBeUndefined()
    expect(await write(file, 'three')).toBeUndefined()
    expect(readFileSync(path, 'utf8')).toBe('before')
    expect(await commit(file)).toBeUndefined()
    expect(readFileSync(path, 'utf8')).toBe('one two three')
    expect(readdirSync(dir)).toEqual(['dump.rdb'])
  })

  it('is written at once where it must be', () => {
    const path = join(dir, 'dump.rdb')
    const file = new SnapshotStore().create(path)
    file.writeNow(Buffer.from('all'))
    file.commitNow()
    expect(readFileSync(path, 'utf8')).toBe('all')
  })

  it('leaves nothing where it is abandoned, also while it is written or named', async () => {
    const path = join(dir, 'dump.rdb')
    writeFileSync(path, 'before')
    const store = new SnapshotStore()
    for (const when of [
      (file: SnapshotFile) => file.write([Buffer.alloc(1 << 20)], () => expect.unreachable()),
      (file: SnapshotFile) => file.commit(() => expect.unreachable()),
      () => {},
    ]) {
      const file = store.create(path)
      when(file)
      file.abandon()
      file.abandon()
      await later()
    }
    expect(readdirSync(dir)).toEqual(['dump.rdb'])
    expect(readFileSync(path, 'utf8')).toBe('before')
  })

  it('that is abandoned never replaces one that was saved meanwhile', async () => {
    const path = join(dir, 'dump.rdb')
    const store = new SnapshotStore()
    const older = store.create(path)
    await write(older, 'older')
    older.commit(() => expect.unreachable())
    older.abandon()
    const newer = store.create(path)
    newer.writeNow(Buffer.from('newer'))
    newer.commitNow()
    await later()
    expect(readFileSync(path, 'utf8')).toBe('newer')
  })

  it('says why it cannot have its name, and leaves nothing', async () => {
    const path = join(dir, 'dump.rdb')
    mkdirSync(join(path, 'in-the-way'), { recursive: true })
    const store = new SnapshotStore()
    expect(await commit(store.create(path))).toBeInstanceOf(Error)
    expect(() => store.create(path).commitNow()).toThrow()
    expect(readdirSync(dir)).toEqual(['dump.rdb'])
  })
})
