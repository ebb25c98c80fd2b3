/**
 * Secrets never reach an output.
 *
 *   AUTH replicator hunter2            ─►  AUTH replicator (redacted)
 *   -ERR … beginning with: 'hunter2'   ─►  -ERR … beginning with: '(redacted)'
 *
 * Which arguments of which commands are secrets is a table here and nowhere else. A command that carries one is
 * replaced by a redacted copy before any listener sees it. What was seen as a secret once is also blotted out of
 * every reply that repeats it (an old server's error quotes its arguments; SLOWLOG of 6.0 shows CONFIG SET).
 *
 * Source: redis `src/acl.c`, `src/cluster.c` (MIGRATE), `src/networking.c` (HELLO), `src/config.c` (SENSITIVE_CONFIG),
 * `src/sentinel.c`.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { lengthOf, type MaybeLong } from '../bytes/long-bytes.ts'
import { type Command, KeptCommand } from '../codec/resp/command.ts'
import type { RespValue } from '../codec/resp/values.ts'

export const REDACTED = '(redacted)' as ByteString

/** Commands that may carry a secret; asked for each command, so it must stay a plain look-up. */
const CARRIERS: ReadonlyMap<string, (words: readonly string[]) => readonly number[]> = new Map([
  ['AUTH', (words: readonly string[]) => [words.length - 1].filter((i) => i > 0)],
  ['HELLO', (words: readonly string[]) => after(words, 'AUTH', 2)],
  ['MIGRATE', (words: readonly string[]) => [...after(words, 'AUTH', 1), ...after(words, 'AUTH2', 2)]],
  ['CONFIG', secretsOfConfig],
  ['ACL', secretsOfAcl],
  ['SENTINEL', secretsOfSentinel],
])

/** Configuration whose value is a secret. */
const SECRET_CONFIG =
  /^(requirepass|masterauth|masteruser|primaryauth|primaryuser|tls-(client-)?key-file-pass|sentinel-(pass|user))$/

/** Replies of these may contain secrets that no request has shown. */
const TELLTALES: ReadonlySet<string> = new Set(['CONFIG', 'ACL', 'SENTINEL'])

/** Remembered secrets are bounded; the oldest is forgotten first. */
const REMEMBERED_MAX = 256
/** Shorter ones are only blotted out of the answer to the command that carried them: "1" is everywhere. */
const REMEMBERED_LENGTH_MIN = 4

/** Knows the secrets of one session and keeps them out of what is shown. */
export class Secrets {
  readonly #shown: boolean
  readonly #seen = new Set<string>()

  /** @param shown true: nothing is redacted (`--show-secrets`) */
  constructor({ shown = false }: { shown?: boolean } = {}) {
    this.#shown = shown
  }

  /** The command as it may be shown: the same object where it carries no secret. */
  redact(command: Command): Command {
    const find = CARRIERS.get(command.name)
    if (find === undefined || this.#shown) return command
    const argv = command.argv()
    const places = find(argv.map((arg) => (typeof arg === 'string' ? arg.toUpperCase() : '')))
    if (places.length === 0) return command
    const shown = argv.slice()
    for (const index of places) {
      const arg = argv[index]!
      if (typeof arg === 'string') this.#remember(isAclRule(command.name, arg) ? arg.slice(1) : arg)
      shown[index] = isAclRule(command.name, arg) ? (`${arg[0]}${REDACTED}` as ByteString) : REDACTED
    }
    return new KeptCommand(shown, command.argc, command.name)
  }

  /**
   * The reply as it may be shown.
   * @param request the request it answers as it was received, if that carried or may reveal secrets (see `sensitive`)
   */
  redactReply(value: RespValue, request: Command | undefined): RespValue {
    if (this.#shown) return value
    const own = request === undefined ? [] : secretsIn(request)
    const words = own.length > 0 ? [...own, ...this.#seen] : [...this.#seen]
    const revealed = request === undefined ? value : redactRevealed(value, request)
    return words.length === 0 ? revealed : blot(revealed, words)
  }

  /** Whether a request must be remembered until its reply has come. */
  sensitive(command: Command): boolean {
    return !this.#shown && (CARRIERS.has(command.name) || TELLTALES.has(command.name))
  }

  #remember(secret: string): void {
    if (secret.length < REMEMBERED_LENGTH_MIN) return
    this.#seen.delete(secret)
    this.#seen.add(secret)
    if (this.#seen.size > REMEMBERED_MAX) this.#seen.delete(this.#seen.values().next().value as string)
  }
}

/** A URL with its password replaced: `redis://user:(redacted)@host`. */
export function redactUrl(url: string): string {
  return url.replace(/^([a-z+]+:\/\/[^:@/]*):[^@/]*@/i, `$1:${REDACTED}@`)
}

function secretsIn(command: Command): string[] {
  const argv = command.argv()
  const find = CARRIERS.get(command.name)
  if (find === undefined) return []
  const places = find(argv.map((arg) => (typeof arg === 'string' ? arg.toUpperCase() : '')))
  return places
    .map((index) => argv[index])
    .filter((arg): arg is ByteString => typeof arg === 'string' && arg.length > 0)
    .map((arg) => (isAclRule(command.name, arg) ? arg.slice(1) : arg))
}

/** Indices of the `count`-th argument after each `word`. */
function after(words: readonly string[], word: string, count: number): number[] {
  const places: number[] = []
  words.forEach((w, i) => {
    if (i > 0 && w === word && i + count < words.length) places.push(i + count)
  })
  return places
}

/** CONFIG SET name value [name value …] */
function secretsOfConfig(words: readonly string[]): number[] {
  if (words[1] !== 'SET') return []
  const places: number[] = []
  for (let i = 2; i + 1 < words.length; i += 2) {
    if (SECRET_CONFIG.test(words[i]!.toLowerCase())) places.push(i + 1)
  }
  return places
}

/** ACL SETUSER name rule…: `>password`, `<password`, `#hash`, `!hash`, also inside a selector `(…)`. */
function secretsOfAcl(words: readonly string[]): number[] {
  if (words[1] !== 'SETUSER') return []
  return words.map((_, i) => i).filter((i) => i > 2 && /^[><#!]/.test(words[i]!))
}

/** SENTINEL SET master option value …, SENTINEL CONFIG SET option value … */
function secretsOfSentinel(words: readonly string[]): number[] {
  if (words[1] !== 'SET' && words[1] !== 'CONFIG') return []
  return words
    .map((_, i) => i + 1)
    .filter((i) => i < words.length && /^(AUTH|SENTINEL)-(PASS|USER)$/.test(words[i - 1]!))
}

function isAclRule(name: string, arg: MaybeLong): arg is ByteString {
  return name === 'ACL' && typeof arg === 'string'
}

/** Takes out of a reply what its request reveals: CONFIG GET requirepass, ACL LIST, ACL GETUSER, ACL GENPASS. */
function redactRevealed(value: RespValue, request: Command): RespValue {
  const words = request.argv().map((arg) => (typeof arg === 'string' ? arg.toUpperCase() : ''))
  if (request.name === 'CONFIG' && words[1] === 'GET') return redactConfig(value)
  if (request.name === 'ACL') {
    if (words[1] === 'GENPASS') return value.type === 'bulk' ? { type: 'bulk', value: REDACTED } : value
    return mapStrings(value, (text) => text.replace(/[#>!<]?\b[0-9a-f]{64}\b/g, REDACTED))
  }
  if (request.name === 'SENTINEL') return redactPairs(value, /-(pass|user)$/)
  return value
}

function redactConfig(value: RespValue): RespValue {
  return redactPairs(value, SECRET_CONFIG)
}

/** In a flat list of names and values: the values whose name matches. */
function redactPairs(value: RespValue, name: RegExp): RespValue {
  if (!('items' in value)) return value
  const items = value.items.map((item, i) => {
    const before = value.items[i - 1]
    const isValue = i % 2 === 1 && before?.type === 'bulk' && typeof before.value === 'string'
    if (isValue && name.test(before.value as string) && item.type === 'bulk' && lengthOf(item.value) > 0) {
      return { type: 'bulk', value: REDACTED } as const
    }
    return 'items' in item ? redactPairs(item, name) : item
  })
  return { ...value, items }
}

function blot(value: RespValue, words: readonly string[]): RespValue {
  return mapStrings(value, (text) => {
    let clean = text
    for (const word of words) if (clean.includes(word)) clean = clean.replaceAll(word, REDACTED)
    return clean
  })
}

function mapStrings(value: RespValue, change: (text: string) => string): RespValue {
  if ('items' in value) return { ...value, items: value.items.map((item) => mapStrings(item, change)) }
  if (value.type === 'simple') return { ...value, value: change(value.value) as ByteString }
  if (value.type === 'error' || value.type === 'bulk' || value.type === 'verbatim') {
    const text = value.value
    if (typeof text === 'string') return { ...value, value: change(text) as ByteString }
    return { ...value, value: { ...text, preview: change(text.preview) as ByteString } }
  }
  return value
}
