/** What --extract writes is what servers take: the snapshot loads, redis-cli --pipe accepts the stream, and the digests agree. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { ExtractFolder } from '../../src/io/extract-folder.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { Extraction } from '../../src/sink/extraction.ts'
import { itWith } from '../support/capture-tools.ts'
import { captureLoopback, decodeBook } from '../support/live-capture.ts'
import { caughtUp, describeWithRedis, startRedis, waitFor } from '../support/real-redis.ts'

describeWithRedis('an extracted session', (server) => {
  for (const diskless of ['yes', 'no']) {
    itWith(['tcpdump'], `rebuilds the master's data; repl-diskless-sync ${diskless}`, async () => {
      const config = { 'repl-diskless-sync': diskless, 'repl-diskless-sync-delay': 0 }
      const master = await startRedis({ server, config })
      const c = (line: string) => master.client.command(...line.split(' '))
      await master.client.command('DEBUG', 'POPULATE', 3000)
      await c('SELECT 5')
      await c('SET five 5')
      const watching = await captureLoopback([master.port])
      const replica = await startRedis({ server, config: { replicaof: `127.0.0.1 ${master.port}` } })
      await caughtUp(master, replica)
      await c('SET six 6 EX 10000')
      await c('MULTI')
      await c('INCR n')
      await c('SELECT 0')
      await c('RPUSH l a b')
      await c('EXEC')
      await master.client.command('SET', 'large', Buffer.alloc(5 * 1024 * 1024, '*1\r\n$4\r\nPING\r\n'))
      await caughtUp(master, replica)
      await c('CLIENT KILL TYPE replica')
      await c('INCR n')
      await waitFor(async () => (await replica.info('replication')).master_link_status === 'up', {
        what: 'a link',
      })
      await c('HSET h f v')
      await caughtUp(master, replica)
      await replica.stop()
      const capture = await watching.stop()

      const dir = join(mkdtempSync(join(tmpdir(), 'syncscope-extract-')), 'out')
      onTestFinished(() => rmSync(join(dir, '..'), { recursive: true, force: true }))
      const folder = new ExtractFolder(dir)
      const extraction = new Extraction(folder)
      const book = new LinkBook({ emit: (event) => extraction.event(event) })
      const complaints = decodeBook([capture], {
        open: (...connection) => extraction.around(book.open(...connection)),
        tick: (now) => book.tick(now),
      })
      extraction.end()
      expect([...complaints, folder.error]).toEqual([undefined])

      const names = readdirSync(dir).sort()
      const [stream, snapshot, more, ...others] = names as [string, string, string, ...string[]]
      expect(names, names.join(' ')).toHaveLength(3)
      expect(others).toEqual([])
      const id = (await master.info('replication')).master_replid
      expect(snapshot).toBe(`link1-sync1-${id}-0.rdb`)
      expect(stream).toMatch(new RegExp(`^link1-sync1-${id}-0-\\d+\\.resp$`))
      expect(more).toMatch(new RegExp(`^link1-sync2-${id}-\\d+-\\d+\\.resp$`))
      const fresh = await startRedis({ server, config: { dir, dbfilename: snapshot } })
      for (const name of [stream, more]) {
        const input = readFileSync(join(dir, name))
        const { stdout } = spawnSync('redis-cli', ['-p', String(fresh.port), '--pipe'], {
          input,
          encoding: 'utf8',
        })
        expect(stdout).toContain('errors: 0')
      }
      expect(await fresh.digest()).toBe(await master.digest())
    })
  }
})
