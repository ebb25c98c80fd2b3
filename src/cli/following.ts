/**
 * Following one link of a session with a shadow: the ears for it, and which link it is.
 *
 *   connections ─► a LinkBook of its own ─► link chosen ─► LinkFollower
 *
 * A book of its own because a shadow needs every byte of every value, and passwords as they are; what is
 * shown is cut and redacted.
 */
import { BYTE_STRING_MAX, type ByteString } from '../bytes/byte-string.ts'
import type { Command } from '../codec/resp/command.ts'
import type { Keep } from '../codec/resp/limits.ts'
import type { Address } from '../io/address.ts'
import { DamagedInput, FileInput } from '../io/file-input.ts'
import { heapShare } from '../io/heap-share.ts'
import type { ReplEvent } from '../replication/events.ts'
import { LinkBook } from '../replication/link-book.ts'
import { optionsOf } from '../replication/replconf.ts'
import { Secrets } from '../replication/secrets.ts'
import { Loader } from '../server/persistence/loader.ts'
import { type Beginning, LinkFollower } from '../shadow/link-follower.ts'
import { LOADER_OPTIONS } from '../shadow/shadow.ts'
import { type Filter, parseFilter } from '../sink/filter.ts'
import { UsageError } from '../usage-error.ts'

const KEEP_ALL: Keep = {
  valueBytes: BYTE_STRING_MAX,
  totalBytes: Number.MAX_SAFE_INTEGER,
  elements: 2 ** 24,
  hash: false,
}
const LINKS_SHOWN = 10
/** How full the heap may be (a map that grows needs twice its room for a moment), and how often we look. */
const HEAP_MAX = 0.6
const WEIGHED_BYTES = 1024 * 1024
export const TOO_LARGE =
  'the dataset does not fit into memory: NODE_OPTIONS=--max-old-space-size=8192 (megabytes) gives more'

export type ChoiceOfLink = { readonly link?: number | undefined; readonly filter?: string | undefined }

export class Following {
  readonly book: LinkBook
  /** The link that is followed; undefined until there is one. */
  link: number | undefined
  /** Hears the events of the link that is followed, before the follower does. */
  onEvent: ((event: ReplEvent) => void) | undefined
  /** The dataset does not fit into memory: nothing is followed any longer. */
  isTooLarge = false
  readonly #follower: LinkFollower
  #bytes = 0
  readonly #wanted: number | undefined
  readonly #filter: Filter
  readonly #links = new Map<number, string>()
  readonly #announced = new Map<number, Address & { kind: 'tcp' }>()
  /** Links on which a snapshot or commands passed. */
  readonly #candidates = new Set<number>()

  constructor(listener: ConstructorParameters<typeof LinkFollower>[0]['listener'], choice: ChoiceOfLink) {
    const { link } = choice
    if (link !== undefined && (!Number.isSafeInteger(link) || link < 1))
      throw new UsageError('--link: the number of a link, from 1')
    this.#wanted = link
    this.#filter = parseFilter(choice.filter ?? '')
    this.#follower = new LinkFollower({ listener, wants: this.#filter })
    this.book = new LinkBook({
      emit: (event) => this.#event(event),
      secrets: new Secrets({ shown: true }),
      keep: KEEP_ALL,
      snapshot: 'sizes',
      commands: 'told',
    })
  }

  /** Where the replica of the link listens, as it says itself. */
  get announced(): Address | undefined {
    return this.link === undefined ? undefined : this.#announced.get(this.link)
  }

  /** Begins with a dataset that did not pass here. */
  beginWith(beginning: Beginning): void {
    this.#follower.beginWith(beginning)
  }

  /** @throws UsageError where it does not fit, there is no such link, or more than one could be meant */
  check(): void {
    if (this.isTooLarge) throw new UsageError(TOO_LARGE)
    const { size } = this.#links
    if (this.#wanted !== undefined && !this.#links.has(this.#wanted))
      throw new UsageError(`--link ${this.#wanted}: there is no such link; there are ${size}`)
    if (this.#candidates.size < 2) return
    const names = [...this.#candidates].map((link) => `${link} (${this.#links.get(link)})`)
    const more = names.length > LINKS_SHOWN ? ', …' : ''
    const list = names.slice(0, LINKS_SHOWN).join(', ')
    throw new UsageError(`there are ${names.length} links: choose one with --link: ${list}${more}`)
  }

  #event(event: ReplEvent): void {
    const { link } = event
    if (event.kind === 'opened' && this.#links.size < LINKS_MAX) this.#links.set(link, event.replica)
    if (event.kind === 'request' && event.command.name === 'REPLCONF') this.#introduced(link, event.command)
    if (this.#wanted !== undefined ? link !== this.#wanted : !this.#isCandidate(event)) return
    if (event.kind === 'resync' || event.kind === 'command' || event.kind === 'anchor') {
      this.#candidates.add(link)
      this.link ??= link
    }
    if (this.link !== link || this.isTooLarge) return
    this.onEvent?.(event)
    this.#follower.event(event)
    this.#weigh(event)
  }

  /** A process that runs out of memory takes all with it that it carries. */
  #weigh({ from, to }: ReplEvent): void {
    this.#bytes += to - from
    if (this.#bytes < WEIGHED_BYTES) return
    this.#bytes = 0
    this.isTooLarge = heapShare() > HEAP_MAX
    if (this.isTooLarge) this.#follower.forget()
  }

  #introduced(link: number, command: Command): void {
    const options = optionsOf(command)
    const port = Number(options.get('listening-port') ?? Number.NaN)
    const known = this.#announced.get(link)
    const replica = this.#links.get(link) ?? ''
    const from = replica.slice(0, replica.lastIndexOf(':')).replace(/^\[|\]$/g, '')
    const host = options.get('ip-address') ?? known?.host ?? from
    if (Number.isInteger(port)) this.#announced.set(link, { kind: 'tcp', host, port })
    else if (known !== undefined) this.#announced.set(link, { ...known, host })
  }

  /** `link=` in a filter chooses too: an opened connection has no other property that it speaks of. */
  #isCandidate({ link, ...origin }: ReplEvent): boolean {
    return this.#filter({ ...origin, link, kind: 'heartbeat' } as ReplEvent)
  }
}

/** More are not remembered: clients come and go by the million. */
const LINKS_MAX = 100_000

/**
 * The dataset of a snapshot file, and where in its history it says it stands.
 * @throws UsageError
 */
export async function beginningOf(path: string): Promise<Beginning> {
  const input = new FileInput(path)
  await input.check()
  const loader = new Loader({ ...LOADER_OPTIONS, now: 0 })
  try {
    for await (const chunk of input.chunks()) loader.push(chunk)
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error
    throw new UsageError(`--rdb-in: ${input.name}: ${error.message}`, { cause: error })
  }
  const loaded = loader.end()
  if (loaded === undefined)
    throw new UsageError(`--rdb-in: ${input.name} cannot be loaded: ${loader.problem}`)
  const offset = Number(loaded.aux.get('repl-offset') ?? Number.NaN)
  if (!Number.isSafeInteger(offset)) {
    throw new UsageError(
      `--rdb-in: ${input.name} does not say at which offset it was taken (it has no repl-offset): ` +
        'take one with BGSAVE on a replica, or on a master that has replicas',
    )
  }
  const at = Number(loaded.aux.get('ctime') ?? 0) * 1_000_000
  return { loaded, offset, replid: loaded.aux.get('repl-id') as ByteString | undefined, at }
}
