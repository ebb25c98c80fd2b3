/**
 * A master, a replica and what passes between them, without sockets: the reference server's effects as units,
 * a second shadow that plays the replica, and answers to questions as a real one gives them.
 *
 *   const session = new ShadowSession()
 *   session.master('SET', 'k', 'v')      the units it propagates wait in session.stream
 *   session.replicaTakes(1)              so many of them are applied by the replica
 */
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { encodeDump } from '../../src/codec/rdb/encode-dump.ts'
import type { Clock } from '../../src/ports.ts'
import { valueDigest } from '../../src/server/dataset/digest.ts'
import { type Entry, NEVER } from '../../src/server/dataset/entry.ts'
import { Loader } from '../../src/server/persistence/loader.ts'
import { SnapshotWriter } from '../../src/server/persistence/snapshot-writer.ts'
import type { Beginning } from '../../src/shadow/link-follower.ts'
import type { Answer, KeyAnswer, Question } from '../../src/shadow/question.ts'
import { LOADER_OPTIONS, Shadow } from '../../src/shadow/shadow.ts'
import type { Unit } from '../../src/shadow/unit.ts'
import { bytesOf, type Reference, type ReferenceClient, startReference, type Words } from './reference.ts'

export const REPLID = 'a'.repeat(40) as ByteString
const BYTES_A_COMMAND = 10

/** Moves on as it is told. */
export class HandClock implements Clock {
  micros = 1_800_000_000_000_000

  now(): number {
    return this.micros
  }

  after(): () => void {
    return () => {}
  }
}

export class ShadowSession {
  readonly clock = new HandClock()
  readonly #master: Reference
  readonly #client: ReferenceClient
  /** All units so far. */
  readonly stream: Unit[] = []
  readonly replica = new Shadow()
  #taken = 0
  #offset = 0

  constructor(seed = 1) {
    this.#master = startReference({ clock: this.clock, seed })
    this.#client = this.#master.client()
    this.#master.server.state.effects.subscribe(({ effects, isAtomic }) => {
      const start = this.#offset
      const at = this.clock.micros
      const commands = effects.map(({ db, argv }) => {
        const from = this.#offset
        this.#offset += BYTES_A_COMMAND
        const name = argv[0]!.toUpperCase()
        const tx = isAtomic ? 1 : undefined
        return { name, argv, db, start: from, end: this.#offset, at, tx, isWanted: true }
      })
      this.stream.push({ start, end: this.#offset, at, commands })
    })
  }

  master(...words: Words) {
    this.clock.micros += 1000
    return this.#client.command(...words)
  }

  /** The master's dataset now, as a snapshot gives it. */
  beginning(): Beginning {
    const loader = new Loader({ ...LOADER_OPTIONS, now: this.clock.micros / 1000 })
    loader.push(snapshotOf(this.#master))
    const loaded = loader.end()
    if (loaded === undefined) throw new Error(loader.problem)
    return { loaded, replid: REPLID, offset: this.#offset, at: this.clock.micros }
  }

  /** The replica has loaded the snapshot of this moment. */
  replicaBegins(): void {
    this.replica.begin(this.beginning())
    this.#taken = this.stream.length
  }

  replicaTakes(units = Number.POSITIVE_INFINITY): void {
    for (let left = units; left > 0 && this.#taken < this.stream.length; left--) {
      this.replica.apply(this.stream[this.#taken++]!)
    }
  }

  /** Somebody writes on the replica itself. */
  byHand(db: number, ...words: Words): void {
    const { offset } = this.replica
    const argv = bytesOf(words)
    const about = { db, start: offset, end: offset, at: this.clock.micros, tx: undefined, isWanted: true }
    const command = { name: argv[0]!.toUpperCase(), argv, ...about }
    this.replica.apply({ start: offset, end: offset, at: this.clock.micros, commands: [command] })
  }

  /** What the replica answers, as it stands. */
  answer({ db, keys, scan }: Question): Answer {
    const { databases, offset } = this.replica
    const now = this.clock.micros / 1000
    const database = databases[db]!
    const found = scan === undefined ? [] : database.entries.items.map(({ key }) => key)
    const sizes = databases.filter(({ size }) => size > 0).map(({ index, size }) => [index, size] as const)
    const standing = { role: 'slave', replid: REPLID, replid2: '0'.repeat(40), offset }
    return {
      ...standing,
      sizes: new Map(sizes),
      now,
      cursor: '0',
      found,
      keys: keys.map(({ key, look }): KeyAnswer => {
        const entry = database.peek(key)
        const isGone = entry === undefined || (entry.expireAt !== NEVER && entry.expireAt < now)
        const digest = look === 'dump' ? undefined : digestOf(entry)
        const dump = look === 'digest' ? undefined : isGone ? null : encodeDump(entry.value.rdb())!
        return {
          digest,
          dump,
          expiry: isGone ? -2 : entry.expireAt,
        }
      }),
    }
  }
}

/** Its dataset as an RDB file. */
function snapshotOf({ server }: Reference): Buffer {
  const { databases, snapshotting } = server.state
  const facts = { version: '7.0.15', createdAt: 0, usedMemory: 0, functions: [] }
  const writer = new SnapshotWriter(snapshotting, databases, facts, {})
  const blocks: Buffer[] = []
  for (let more = writer.step(); more !== undefined; more = writer.step()) blocks.push(...more)
  return Buffer.concat(blocks)
}

function digestOf(entry: Entry | undefined): string {
  return entry === undefined ? '0'.repeat(40) : valueDigest(entry.value.rdb(), entry.expireAt !== NEVER)
}
