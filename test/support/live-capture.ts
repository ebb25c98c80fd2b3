/** tcpdump on loopback while a test runs, and what `decode` makes of what it saw. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { waitFor } from '../../src/io/redis-process.ts'
import { CaptureSession } from '../../src/replication/capture-session.ts'
import type { Conversations, Strangers } from '../../src/replication/captured-connections.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { LinkBook, type LinkBookOptions } from '../../src/replication/link-book.ts'
import { kept } from './transcripts.ts'

export type LiveCapture = {
  /** Ends the capture. @returns the bytes of the file */
  stop(): Promise<Buffer>
}

/** Watches TCP ports of this machine from now on. */
export async function captureLoopback(ports: readonly number[]): Promise<LiveCapture> {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-capture-'))
  const file = join(dir, 'lo.pcap')
  const filter = ports.map((port) => `tcp port ${port}`).join(' or ')
  // Room for bursts of large values: what the kernel drops would be a gap, rightly. The room is divided in slots of the snaplen.
  const options = ['-U', '--immediate-mode', '-s', '66000', '-B', '131072', '-Z', 'root']
  const args = ['-i', 'lo', ...options, '-w', file, filter]
  const tcpdump = spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  tcpdump.stderr.on('data', (chunk) => (said += chunk))
  const exited = new Promise<void>((resolve) => tcpdump.once('close', () => resolve()))
  onTestFinished(async () => {
    tcpdump.kill('SIGKILL')
    await exited
    rmSync(dir, { recursive: true, force: true })
  })
  await waitFor(async () => said.includes('listening on'), { what: `tcpdump to listen: ${said}` })
  return {
    async stop() {
      let size = -1
      // The kernel hands its buffer over with some delay.
      await waitFor(
        async () => {
          const before = size
          size = statSync(file).size
          await new Promise((resolve) => setTimeout(resolve, 600))
          return size === before
        },
        { what: 'the capture to come to rest' },
      )
      tcpdump.kill('SIGINT')
      await exited
      if (!/\b0 packets dropped by kernel/.test(said)) throw new Error(`the capture is not whole: ${said}`)
      return readFileSync(file)
    },
  }
}

export type Decoded = {
  readonly events: ReplEvent[]
  /** What the files say is wrong with them, and bugs of ours. */
  readonly complaints: string[]
  readonly strangers: readonly Strangers[]
}

/** What `syncscope decode` understands of capture files. Slices of snapshots are left out. */
export function decodeFiles(files: readonly Buffer[], options: Partial<LinkBookOptions> = {}): Decoded {
  const events: ReplEvent[] = []
  const strangers: Strangers[] = []
  const book = new LinkBook({
    ...options,
    emit: (event) => {
      options.emit?.(event)
      if (event.kind !== 'snapshot-slice') events.push(kept(event))
    },
  })
  return { events, complaints: decodeBook(files, book, strangers), strangers }
}

/** Feeds capture files to a book. @returns complaints */
export function decodeBook(
  files: readonly Buffer[],
  book: Conversations,
  strangers: Strangers[] = [],
): string[] {
  const complaints: string[] = []
  const session = new CaptureSession({
    book,
    onFile: (event) => {
      if ('code' in event || event.kind === 'truncated')
        complaints.push(`${event.kind} at ${event.position}: ${event.detail}`)
    },
    onNotice: ({ code, position }) => complaints.push(`${code} at ${position}`),
    onBug: (error) => complaints.push(String(error)),
  })
  for (const file of files) {
    for (let at = 0; at < file.length; at += 65_536) session.push(file.subarray(at, at + 65_536))
    session.endFile()
  }
  session.end()
  strangers.push(...session.strangers)
  return complaints
}
