/**
 * DiskLoading: the snapshot on disk becomes a dataset, a little at a time, so that clients can be told
 * meanwhile how far it is (loading.ts).
 *
 *   step() ─► step() ─► …  false: nothing is left ─► finish() gives the dataset, or says what is wrong
 *
 * Not here: what happens to the dataset that was there before.
 *
 * Source: redis 7.0 `src/rdb.c`, rdbLoadRioWithLoadingCtx.
 */
import { type ByteString, readable } from '../../bytes/byte-string.ts'
import type { Instant } from '../../ports.ts'
import type { ServerState } from '../server-state.ts'
import { BadSnapshot } from './damage.ts'
import { KeyDelay, SLOW_PIECE_BYTES } from './key-delay.ts'
import { type Loaded, Loader } from './loader.ts'
import type { StoredFile } from './saver.ts'

/** What is read between two looks at the clock. */
const PIECE_BYTES = 64 * 1024
const EMPTY_KEYS_TOLD = 10
const MICROS = 1_000_000
const MEGABYTE = 1024 * 1024

export class DiskLoading {
  readonly #server: ServerState
  readonly #file: StoredFile
  readonly #chunks: Iterator<Buffer>
  readonly #loader: Loader
  readonly #delay: KeyDelay
  readonly #bytesMax: number
  #rest: Buffer = NOTHING

  constructor(server: ServerState, file: StoredFile) {
    this.#server = server
    this.#file = file
    this.#chunks = file.chunks[Symbol.iterator]()
    this.#loader = snapshotLoader(server)
    this.#delay = keyLoadDelay(server)
    this.#bytesMax = server.settings.get('loading-process-events-interval-bytes')
  }

  /** Microseconds to wait before the next step. */
  pause(): number {
    return this.#delay.take()
  }

  /** Reads until the clock says `until`. @returns whether there is more to read @throws Error of the disk */
  step(until: Instant): boolean {
    const { loading, clock } = this.#server
    do {
      if (this.#delay.isDue) return true
      if (this.#loader.isOver) return false
      if (this.#rest.length === 0) {
        const { value, done } = this.#chunks.next()
        if (done) return false
        this.#rest = value
      }
      const length = Math.min(this.#bytesMax, this.#delay.isOn ? SLOW_PIECE_BYTES : PIECE_BYTES)
      const piece = this.#rest.subarray(0, length)
      this.#loader.push(piece)
      this.#delay.reached(this.#loader.keysRead)
      loading.loadedBytes += piece.length
      this.#rest = this.#rest.subarray(piece.length)
    } while (clock.now() < until)
    return true
  }

  /** All that was read. @throws BadSnapshot saying what is wrong with it */
  finish(): Loaded {
    const loaded = this.#loader.end()
    if (loaded === undefined) throw new BadSnapshot(this.#loader.problem!, this.#loader.report)
    tellLoaded(this.#server, loaded)
    return loaded
  }

  /** Lets go of the file. */
  close(): void {
    this.#rest = NOTHING
    this.#file.close()
  }
}

/** How slow reading is on purpose. */
export function keyLoadDelay({ settings }: ServerState): KeyDelay {
  return new KeyDelay(() => settings.get('key-load-delay'))
}

/** A loader for this server, which logs what a snapshot tells of itself. */
export function snapshotLoader(server: ServerState): Loader {
  const { settings, clock, isReplica } = server
  return new Loader({
    databases: settings.databases,
    limits: settings.limits,
    now: clock.now() / 1000,
    // What has expired is a master's to delete.
    keepsExpired: isReplica,
    skipsChecksum: server.skipsChecksums || !settings.get<boolean>('rdbchecksum'),
    onUnchecked: () => {
      server.surroundings.log('notice', 'RDB file was saved with checksum disabled: no check performed.')
    },
    onEmpty: emptyKeyTeller(server),
    onAux: (name, value) => tell(server, name, value),
  })
}

/** Logs what was loaded. */
export function tellLoaded({ surroundings }: ServerState, { keys, expired, empty }: Loaded): void {
  const line = `Done loading RDB, keys loaded: ${keys}, keys expired: ${expired}`
  if (empty === 0) surroundings.log('notice', `${line}.`)
  else surroundings.log('warning', `${line}, empty keys skipped: ${empty}.`)
}

/** Names the first of the keys that are left out. */
function emptyKeyTeller({ surroundings }: ServerState): (key: ByteString) => void {
  let left = EMPTY_KEYS_TOLD
  return (key) => {
    if (left-- > 0) surroundings.log('warning', `rdbLoadObject skipping empty key: ${readable(key)}`)
  }
}

function tell({ clock, loading, surroundings }: ServerState, name: string, value: string): void {
  const log = (line: string): void => surroundings.log('notice', line)
  if (name === 'redis-ver') log(`Loading RDB produced by version ${value}`)
  if (name === 'ctime') {
    const age = Math.floor(clock.now() / MICROS) - Number(value)
    log(`RDB age ${Math.max(0, age)} seconds`)
  }
  if (name === 'used-mem') {
    loading.usedMemory = Number(value)
    log(`RDB memory usage when created ${(loading.usedMemory / MEGABYTE).toFixed(2)} Mb`)
  }
}

const NOTHING = Buffer.alloc(0)

/**
 * The snapshot on disk, read at once; undefined where there is none.
 * @throws Error saying what is wrong with it
 */
export function loadAtOnce(server: ServerState): Loaded | undefined {
  const file = server.saver.open()
  if (file === undefined) return undefined
  const reading = new DiskLoading(server, file)
  try {
    while (reading.step(Number.POSITIVE_INFINITY)) server.surroundings.sleep(reading.pause())
    return reading.finish()
  } finally {
    reading.close()
  }
}
