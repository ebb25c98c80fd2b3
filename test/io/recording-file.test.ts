import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RecordingFile } from '../../src/io/recording-file.ts'

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-file-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

describe('a recording file', () => {
  it('holds all blocks in order, more than one write takes', async () => {
    const path = join(folder(), 'x')
    const file = await RecordingFile.open(path, expect.unreachable)
    for (let i = 0; i < 5000; i++) file.write(Buffer.from(`${i}\n`))
    await file.close()
    expect(readFileSync(path, 'utf8')).toBe(Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(''))
  })

  it('says that it is full, takes no more than a bound, and is emptied again', async () => {
    const path = join(folder(), 'x')
    const file = await RecordingFile.open(path, expect.unreachable)
    const block = Buffer.alloc(8 * 1024 * 1024)
    for (let i = 0; i < 40; i++) file.write(block)
    expect(file.isFull).toBe(true)
    await file.close()
    expect(file.isFull).toBe(false)
    expect(readFileSync(path).length).toBeLessThan(20 * block.length)
  })

  it('tells a full disk once, and goes on without it', async () => {
    const notices: string[] = []
    const file = await RecordingFile.open('/dev/full', (line) => notices.push(line))
    file.write(Buffer.from('x'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(file.isFull).toBe(true)
    file.write(Buffer.from('y'))
    await file.close()
    expect(notices).toEqual([
      'the recording ends here: cannot write /dev/full: no space left on the device; links go on',
    ])
  })

  it('cannot be where no file can', async () => {
    await expect(RecordingFile.open(join(folder(), 'no', 'x'), () => {})).rejects.toThrow(
      /^--record: cannot write .*: no such directory$/,
    )
  })
})
