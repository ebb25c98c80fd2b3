import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { BlockOutput } from '../../src/io/block-output.ts'
import { UsageError } from '../../src/usage-error.ts'

function failing(code: string, errno: number): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: it broke`), { code, errno })),
  })
}

describe('BlockOutput', () => {
  it('writes blocks and lines in order', async () => {
    let text = ''
    const output = new BlockOutput(
      new Writable({
        write: (chunk, _encoding, done) => {
          text += chunk
          setImmediate(done)
        },
      }),
    )
    await output.write('block ')
    output.print('line')
    output.print('another')
    await output.end()
    expect(text).toBe('block line\nanother\n')
    expect(output.isClosed).toBe(false)
  })

  it('takes a reader that has gone for no error', async () => {
    const output = new BlockOutput(failing('EPIPE', -32))
    await output.write('x')
    expect(output.isClosed).toBe(true)
    await output.write('y')
    await output.end()
  })

  it('says in one line that a disk is full', async () => {
    const full = new UsageError('standard output: No space left on device')
    const output = new BlockOutput(failing('ENOSPC', -28))
    await expect(output.write('x')).rejects.toThrow(full)
    const printed = new BlockOutput(failing('ENOSPC', -28))
    printed.print('x')
    await expect(printed.end()).rejects.toThrow(full)
  })
})
