/** None of the secrets of a session appears in anything we print, in text or JSON, in events or in the summary. */
import { spawn } from 'node:child_process'
import { expect, it, onTestFinished } from 'vitest'
import { connectRedis } from '../../src/io/redis-client.ts'
import { describeWithRedis, freePort, startRedis, waitFor } from '../support/real-redis.ts'

const SECRETS = Array.from({ length: 14 }, (_, i) => `s3cr3t-${i}-hush`)

describeWithRedis('secrets', (server) => {
  it.each([
    [['--json']],
    [['--show', 'clients,handshake,commands,faults,connections']],
    [['--show-secrets', '--json']],
  ])('with %j', async (options) => {
    const master = await startRedis({ server, config: ['appendonly no'] })
    const port = await freePort()
    const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
    const words = [
      'proxy',
      '--master',
      `redis://u:${SECRETS[13]}@127.0.0.1:${master.port}`,
      '--listen',
      `:${port}`,
    ]
    const child = spawn(process.execPath, ['--import', 'tsx', main, ...words, ...options])
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data))
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
    await waitFor(() => printed.includes('listening on'), { what: 'the proxy to listen' })

    const [s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12] = SECRETS as [string, ...string[]]
    const session = [
      ['CONFIG', 'SET', 'masterauth', s0],
      ['config', 'set', 'masteruser', s1!, 'MASTERAUTH', s2!],
      ['CONFIG', 'SET', 'tls-key-file-pass', s3!],
      ['ACL', 'SETUSER', 'bob', 'on', `>${s4}`, '~*', '+@all'],
      ['ACL', 'SETUSER', 'bob', `<${s5}`],
      ['AUTH', 'bob', s4!],
      ['AUTH', s6!],
      ['HELLO', '3', 'AUTH', 'bob', s7!],
      ['hello', '2', 'auth', 'bob', s4!, 'setname', 'x'],
      ['MIGRATE', '127.0.0.1', '1', 'k', '0', '10', 'AUTH', s8!],
      ['MIGRATE', '127.0.0.1', '1', '', '0', '10', 'COPY', 'AUTH2', 'user', s9!, 'KEYS', 'k'],
      ['CONFIG', 'GET', '*'],
      ['CONFIG', 'GET', 'masterauth'],
      ['ACL', 'LIST'],
      ['ACL', 'GETUSER', 'bob'],
      ['CONFIG', 'SET', 'requirepass', s10!],
      ['AUTH', s10!],
      ['HELLO', 'three', 'AUTH', 'bob', s11!],
      ['CONFIG', 'SET', 'masterauth', s12!, 'no-such-option', '1'],
      ['SLOWLOG', 'GET'],
    ]
    const client = await connectRedis({ host: '127.0.0.1', port })
    await master.client.command('SET', 'k', 'v')
    for (const words of session) await client.command(...words).catch(() => undefined)
    await client.close()
    const { Socket } = await import('node:net')
    const inline = new Socket().connect(port, '127.0.0.1')
    inline.end(`AUTH ${s11}\r\nAUTH "${s12}"\r\n*2\r\n$4\r\nAUTH\r\n$3\r\n${s6}\r\n`).resume()
    await new Promise((resolve) => inline.once('close', resolve))

    child.kill('SIGINT')
    const status = await new Promise((resolve) => child.once('close', resolve))
    expect(status).toBe(0)
    const hash = /[0-9a-f]{64}/
    if (options[0] === '--show-secrets') {
      expect(SECRETS.filter((secret) => printed.includes(secret)).length).toBeGreaterThanOrEqual(12)
      return
    }
    expect(SECRETS.filter((secret) => printed.includes(secret))).toEqual([])
    expect(printed).not.toMatch(hash)
    expect(printed.match(/\(redacted\)/g)?.length).toBeGreaterThan(14)
  })
})
