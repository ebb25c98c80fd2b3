/** What forbids a request, in Redis's order, beside a real server; SHUTDOWN, ROLE, WAIT, MODULE. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RespValue } from '../../src/codec/resp/values.ts'
import { startPair } from '../support/differential.ts'
import { RawClient } from '../support/raw-client.ts'
import { describeWithRedis, startRedis } from '../support/real-redis.ts'
import { type ReferenceClient, startReference } from '../support/reference.ts'

/** The same commands to both; the replies must be equal. */
async function alike(real: RawClient, client: ReferenceClient, commands: readonly string[]): Promise<void> {
  const theirs: [string, RespValue][] = []
  const ours: [string, RespValue | undefined][] = []
  for (const command of commands) {
    theirs.push([command, await real.command(...command.split(' '))])
    ours.push([command, client.command(...command.split(' '))])
  }
  expect(ours).toEqual(theirs)
}

describeWithRedis('a request', (server) => {
  it('is refused where memory is short', async () => {
    const real = await RawClient.open((await startRedis({ server })).port)
    const client = startReference().client()
    await alike(real, client, [
      'SET k v',
      'CONFIG SET maxmemory 1',
      'SET k v',
      'NOSUCH',
      'SET k',
      'GET k',
      'DEL k',
      'LPUSH k v',
      'PING',
      'MULTI',
      'GET k',
      'SAVE',
      'EXEC',
      'MULTI',
      'DISCARD',
      'CONFIG SET maxmemory 0',
      'MULTI',
      'SET k v',
    ])
    await (await RawClient.open((real.socket.remotePort ?? 0) as number)).command(
      'CONFIG',
      'SET',
      'maxmemory',
      '1',
    )
    client.session.server.settings.maxMemory = 1
    await alike(real, client, ['EXEC', 'GET k', 'CONFIG SET maxmemory 0', 'SUBSCRIBE c', 'GET k', 'PING'])
  })

  it('is refused where snapshots fail', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-gate-'))
    const redis = await startRedis({ server, config: { dir, 'rdb-del-sync-files': 'no' } })
    const real = await RawClient.open(redis.port)
    const reference = startReference()
    const client = reference.client()
    rmSync(dir, { recursive: true })
    await real.command('CONFIG', 'SET', 'save', '3600 1')
    await real.command('BGSAVE')
    await expect
      .poll(async () => String(((await real.command('INFO', 'persistence')) as { value: string }).value))
      .toContain('rdb_last_bgsave_status:err')
    client.command('CONFIG', 'SET', 'save', '3600 1')
    reference.server.state.saver.lastStatus = 'err'
    await alike(real, client, [
      'SET k v',
      'GET k',
      'PING',
      'ECHO x',
      'MULTI',
      'SET k v',
      'EXEC',
      'PUBLISH c m',
      'CONFIG SET stop-writes-on-bgsave-error no',
      'SET k v',
      'PING',
    ])
  })

  it('is refused by DEBUG and MODULE where the configuration says so', async () => {
    const config = { 'enable-debug-command': 'no' }
    const real = await RawClient.open((await startRedis({ server, config })).port)
    const reference = startReference()
    reference.server.state.settings.read('enable-debug-command', 'no')
    await alike(real, reference.client(), [
      'DEBUG SLEEP 0',
      'DEBUG',
      'MODULE LIST',
      'MODULE LOAD x',
      'MODULE LOAD',
      'MODULE UNLOAD x',
      'MODULE HELP',
      'MODULE',
    ])
  })

  it('of a node or a process answers alike', async () => {
    const pair = await startPair({ server })
    const alone = await RawClient.open((await startRedis({ server })).port)
    await alike(alone, pair.client, [
      'ROLE',
      'ROLE x',
      'WAIT 0 0',
      'WAIT x 0',
      'WAIT 0 x',
      'WAIT 0 -1',
      'SHUTDOWN FOO',
      'SHUTDOWN SAVE NOSAVE',
      'SHUTDOWN ABORT',
      'SHUTDOWN ABORT NOW',
      'SHUTDOWN NOW FORCE x',
      'COMMAND HELP',
      'CONFIG HELP',
      'COMMAND NOSUCH',
      'MULTI',
      'SHUTDOWN',
      'EXEC',
    ])
  })
})

describe('WAIT', () => {
  it('waits in vain as long as it is told to', async () => {
    const client = startReference().client()
    expect(client.command('WAIT', '1', '30')).toBeUndefined()
    await expect.poll(() => client.inbox).toMatchObject([{ value: 0 }])
  })

  it('can be unblocked', () => {
    const reference = startReference()
    const [client, other] = [reference.client(), reference.client()]
    client.command('WAIT', '1', '0')
    expect(other.command('CLIENT', 'UNBLOCK', String(client.session.id), 'ERROR')).toMatchObject({ value: 1 })
    expect(client.inbox).toMatchObject([{ value: 'UNBLOCKED client unblocked via CLIENT UNBLOCK' }])
  })
})

describe('SHUTDOWN', () => {
  it('ends the server without a reply', () => {
    const reference = startReference()
    const client = reference.client()
    expect(client.command('SHUTDOWN', 'NOSAVE')).toBeUndefined()
    expect([reference.isShutDown, client.isClosed]).toEqual([true, true])
  })

  it('goes on where the dataset cannot be saved, unless it is forced to', () => {
    const reference = startReference()
    const client = reference.client()
    reference.server.state.settings.read('dir', '/nonexistent')
    expect(client.command('SHUTDOWN', 'SAVE')).toMatchObject({
      value: 'ERR Errors trying to SHUTDOWN. Check logs.',
    })
    expect(reference.isShutDown).toBe(false)
    expect(client.command('SHUTDOWN', 'SAVE', 'FORCE')).toBeUndefined()
    expect(reference.isShutDown).toBe(true)
  })
})
