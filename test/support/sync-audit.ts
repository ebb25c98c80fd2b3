/**
 * What a session must add up to, checked while its events pass: for each link its syncs, the keys of its snapshot and those that
 * its stream writes, and whether the stream has a hole.
 *
 * Made for datasets that only grow: SET, INCR and RPUSH of whatever keys.
 */
import type { ReplEvent } from '../../src/replication/events.ts'
import { describe } from '../../src/sink/describe.ts'

/** Of a command: where it stands, and what it is. */
export type Told = { readonly end: number | undefined; readonly text: string }

export class LinkAudit {
  readonly roles = new Set<string>()
  /** Addresses of whoever connected. */
  readonly connections = new Set<string>()
  syncs = 0
  lives = 0
  commands = 0
  /** The offset that a full resync told, and the end of what followed. */
  offset: number | undefined
  end: number | undefined
  checksum: string | undefined
  snapshotKeys = 0
  missing = 0
  /** The first few places where the stream does not go on where it was. */
  readonly holes: string[] = []
  /** Commands by the offset before them. */
  told = new Map<number, Told>()
  readonly withoutOffset: string[] = []
  /** `db key` of all that the snapshot and the stream brought. */
  readonly keys = new Set<string>()

  event(event: ReplEvent): void {
    switch (event.kind) {
      case 'opened':
        this.roles.add(event.role)
        this.connections.add(event.replica)
        return
      case 'resync':
        this.syncs++
        this.offset = event.offset
        this.end = event.offset
        return
      case 'snapshot-key':
        this.snapshotKeys++
        this.keys.add(`${event.db} ${event.key}`)
        return
      case 'snapshot-end':
        this.checksum = event.checksum
        return
      case 'live':
        this.lives++
        return
      case 'anchor':
        if (event.correction !== 0) this.#correct(event.correction)
        return
      case 'gap':
        this.missing += event.missing
        return
      case 'ping':
      case 'getack':
      case 'command':
        this.#stream(event)
    }
  }

  /** Offsets that were told before were an estimate, too low by so much. */
  #correct(by: number): void {
    const corrected = new Map<number, Told>()
    for (const [start, { end, text }] of this.told) corrected.set(start + by, { end: end! + by, text })
    this.told = corrected
  }

  #stream(event: ReplEvent & { readonly kind: 'ping' | 'getack' | 'command' }): void {
    const { start, end } = event
    const isWrong = start !== this.end || end === undefined || end - start! !== event.to - event.from
    if (isWrong && this.holes.length < 10) this.holes.push(`${this.end} then ${start}..${end}`)
    this.end = end
    if (event.kind !== 'command') return
    this.commands++
    const { name } = event.command
    const text = `${event.db} ${describe(event)}`
    if (start === undefined) this.withoutOffset.push(text)
    else this.told.set(start, { end, text })
    const key = event.command.arg(1)
    if (key !== undefined && name !== 'SELECT') this.keys.add(`${event.db} ${key}`)
  }

  /** Number of keys by database. */
  get sizes(): Record<string, number> {
    const sizes: Record<string, number> = {}
    for (const key of this.keys) {
      const db = key.slice(0, key.indexOf(' '))
      sizes[db] = (sizes[db] ?? 0) + 1
    }
    return sizes
  }
}

export class SyncAudit {
  readonly links = new Map<number, LinkAudit>()
  readonly faults: string[] = []

  readonly event = (event: ReplEvent): void => {
    if (event.kind === 'fault') this.faults.push(describe(event))
    let link = this.links.get(event.link)
    if (link === undefined) {
      link = new LinkAudit()
      this.links.set(event.link, link)
    }
    link.event(event)
  }

  /** Those that are no ordinary client's. */
  get replicas(): LinkAudit[] {
    return [...this.links.values()].filter(({ roles }) => !roles.has('client') || roles.size > 1)
  }

  /** The link to which a connection belongs. */
  of(connection: string): LinkAudit | undefined {
    return [...this.links.values()].find(({ connections }) => connections.has(connection))
  }
}
