/**
 * Secrets never reach an output.
 *
 *   AUTH replicator hunter2            ─►  AUTH replicator (redacted)
 *   -ERR … beginning with: 'hunter2'   ─►  -ERR … beginning with: '(redacted)'
 *
 * Which arguments of which commands are secrets is a table here and nowhere else. A command that carries
 * one is replaced by a redacted copy before any listener sees it. What was seen as a secret once is also
 * blotted out of every reply that repeats it (an old server's error quotes its arguments; SLOWLOG of 6.0
 * shows CONFIG SET).
 *
 * Source: redis `src/acl.c`, `src/cluster.c` (MIGRATE), `src/networking.c` (HELLO), `src/config.c`
 * (SENSITIVE_CONFIG),
 * `src/sentinel.c`.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { beginningOf, lengthOf, type MaybeLong } from '../bytes/long-bytes.ts'
import { type Command, KeptCommand } from '../codec/resp/command.ts'
import type { RespValue } from '../codec/resp/values.ts'

export const REDACTED = '(redacted)' as ByteString

/** Commands that may carry a secret; asked for each command, so it must stay a plain look-up. */
const CARRIERS: ReadonlyMap<string, (words: readonly string[]) => readonly number[]> = new Map([
  ['AUTH', secretsOfAuth],
  ['HELLO', (words: readonly string[]) => after(words, 'AUTH', 2)],
  ['MIGRATE', (words: readonly string[]) => [...after(words, 'AUTH', 1), ...after(words, 'AUTH2', 2)]],
  ['CONFIG', secretsOfConfig],
  ['ACL', secretsOfAcl],
  ['SENTINEL', secretsOfSentinel],
])

/** Configuration whose value is a secret. */
const SECRET_CONFIG =
  /^(requirepass|masterauth|masteruser|primaryauth|primaryuser|tls-(client-)?key-file-pass|sentinel-(pass|user))$/i

/** Replies of these may contain secrets that no request has shown. */
const TELLTALES: ReadonlySet<string> = new Set(['CONFIG', 'ACL', 'SENTINEL', 'SLOWLOG'])

/** Words that decide what is a secret are short; of a longer argument its beginning is enough. */
const WORD_MAX = 64

/** Remembered secrets are bounded; the oldest is forgotten first. */
const REMEMBERED_MAX = 256
/** Shorter ones are only blotted out of the answer to the command that carried them: "1" is everywhere. */
const REMEMBERED_LENGTH_MIN = 4

/** What stands in the place of a secret. */
type Cover = (secret: string) => string

const redacted: Cover = () => REDACTED
/** For bytes that must keep their lengths: a recording. */
const blanked: Cover = (secret) => '*'.repeat(secret.length)

/** A command without its secrets. */
export class RedactedCommand extends KeptCommand {
  /** The same with each secret overwritten by `*`, where that was asked for. */
  readonly blanked: readonly MaybeLong[] | undefined

  constructor(shown: readonly MaybeLong[], command: Command, overwritten: readonly MaybeLong[] | undefined) {
    super(shown, command.argc, command.name)
    this.blanked = overwritten
  }
}

/** Whether a command of this name (in upper case) may carry a secret among its arguments. */
export function mayCarrySecret(name: string): boolean {
  return CARRIERS.has(name)
}

/** Knows the secrets of one session and keeps them out of what is shown. */
export class Secrets {
  /** Whether messages are also given in a form of the same length. */
  readonly blanks: boolean
  readonly #shown: boolean
  readonly #seen = new Set<string>()

  /**
   * @param shown true: nothing is redacted (`--show-secrets`)
   * @param blanks whether redacted messages come with a form of the same length, for a recording
   */
  constructor({ shown = false, blanks = false }: { shown?: boolean; blanks?: boolean } = {}) {
    this.#shown = shown
    this.blanks = blanks && !shown
  }

  /** Whether any secret was seen that replies might repeat. */
  get hasSeen(): boolean {
    return this.#seen.size > 0
  }

  /** The command as it may be shown: the same object where it carries no secret. */
  redact(command: Command): Command {
    const find = CARRIERS.get(command.name)
    if (find === undefined || this.#shown) return command
    const argv = command.argv()
    const places = find(wordsOf(argv))
    if (places.length === 0) return command
    const shown = argv.slice()
    for (const index of places) {
      const arg = argv[index]!
      if (typeof arg === 'string') for (const secret of bare(command.name, arg)) this.#remember(secret)
      const rule = command.name === 'ACL' ? /^[><#!]/.exec(beginningOf(arg))?.[0] : undefined
      shown[index] = `${rule ?? ''}${REDACTED}` as ByteString
    }
    return new RedactedCommand(shown, command, this.blanks ? blankArguments(command, places) : undefined)
  }

  /**
   * The reply as it may be shown.
   * @param request the request it answers as it was received, if that carried or may reveal secrets (see
   * `sensitive`)
   * @param mayReveal whether an earlier request on this connection may be what it really answers: replies
   * come later
   *   (EXEC), not at all (CLIENT REPLY SKIP) or unasked (MONITOR), so the n-th need not be the n-th request's
   */
  redactReply(value: RespValue, request: Command | undefined, mayReveal = false): RespValue {
    return this.#coverReply(value, request, mayReveal, redacted)
  }

  /** The same with each secret overwritten by as many `*`. */
  blankReply(value: RespValue, request: Command | undefined, mayReveal = false): RespValue {
    return this.#coverReply(value, request, mayReveal, blanked)
  }

  /** A text that is part of no message we could hold, with what we know to be secrets overwritten. */
  blankText(text: string): string {
    return blot(blotHashes(text, blanked), [...this.#seen], blanked)
  }

  /** Whether a request must be remembered until its reply has come. */
  sensitive(command: Command): boolean {
    return !this.#shown && (CARRIERS.has(command.name) || TELLTALES.has(command.name))
  }

  #coverReply(value: RespValue, request: Command | undefined, mayReveal: boolean, cover: Cover): RespValue {
    if (this.#shown) return value
    let shown = mayReveal || request !== undefined ? redactRevealed(value, request, cover) : value
    const own = request === undefined ? [] : secretsIn(request)
    const words = [...own.filter((arg) => typeof arg === 'string'), ...this.#seen]
    if (words.length > 0) shown = mapStrings(shown, (text) => blot(text, words, cover))
    if (own.length === 0 || value.type !== 'error') return shown
    return mapStrings(shown, (text) => blotEcho(text, own, cover))
  }

  #remember(secret: string): void {
    if (secret.length < REMEMBERED_LENGTH_MIN) return
    this.#seen.delete(secret)
    this.#seen.add(secret)
    if (this.#seen.size > REMEMBERED_MAX) this.#seen.delete(this.#seen.values().next().value as string)
  }
}

/** The secrets a command carries; one too long to hold as its description. */
function secretsIn(command: Command): MaybeLong[] {
  const find = CARRIERS.get(command.name)
  if (find === undefined) return []
  const argv = command.argv()
  return find(wordsOf(argv))
    .flatMap((index): MaybeLong[] => {
      const arg = argv[index]!
      return typeof arg === 'string' ? bare(command.name, arg) : [arg]
    })
    .filter((arg) => lengthOf(arg) > 0)
}

function wordsOf(argv: readonly MaybeLong[]): string[] {
  return argv.map((arg) => beginningOf(arg).slice(0, WORD_MAX).toUpperCase())
}

/** An argument without what is not secret about it: `>password` of ACL SETUSER, also inside `(…)`. */
function bare(name: string, arg: ByteString): ByteString[] {
  if (name !== 'ACL') return [arg]
  if (/^[><#!]/.test(arg)) return [arg.slice(1) as ByteString]
  return [arg, ...[...arg.matchAll(/[><#!]([^\s)]+)/g)].map((match) => match[1] as ByteString)]
}

/**
 * AUTH [user] password. With more than that, Redis refuses it, and nobody knows which of them is the
 * secret.
 */
function secretsOfAuth(words: readonly string[]): number[] {
  if (words.length <= 3) return [words.length - 1].filter((i) => i > 0)
  return words.map((_, i) => i).slice(1)
}

/** Indices of the `count`-th argument after each `word`; of all that follow it where there are fewer. */
function after(words: readonly string[], word: string, count: number): number[] {
  const places: number[] = []
  words.forEach((w, i) => {
    if (i === 0 || w !== word) return
    const last = Math.min(i + count, words.length - 1)
    for (let at = i + count < words.length ? last : i + 1; at <= last; at++) places.push(at)
  })
  return places
}

/** CONFIG SET name value [name value …], also where a slip has moved names to the places of values. */
function secretsOfConfig(words: readonly string[]): number[] {
  if (words[1] !== 'SET') return []
  return words.map((_, i) => i).filter((i) => i > 2 && SECRET_CONFIG.test(words[i - 1]!))
}

/**
 * ACL SETUSER name rule…: `>password`, `<password`, `#hash`, `!hash`; inside a selector `(…)` or apart from
 * its sign they are mistakes, which Redis's answer quotes.
 */
function secretsOfAcl(words: readonly string[]): number[] {
  if (words[1] !== 'SETUSER') return []
  return words
    .map((_, i) => i)
    .filter((i) => i > 2 && (/(^|[\s(])[><#!]/.test(words[i]!) || (i > 3 && /^[><#!]$/.test(words[i - 1]!))))
}

/** SENTINEL SET master option value …, SENTINEL CONFIG SET option value … */
function secretsOfSentinel(words: readonly string[]): number[] {
  if (words[1] !== 'SET' && words[1] !== 'CONFIG') return []
  return words
    .map((_, i) => i + 1)
    .filter((i) => i < words.length && /^(AUTH|SENTINEL)-(PASS|USER)$/.test(words[i - 1]!))
}

/**
 * Takes out of a reply what its request reveals: CONFIG GET requirepass, ACL LIST, ACL GETUSER, ACL GENPASS.
 * Which of them it was may be unknown, so all rules are used.
 */
function redactRevealed(value: RespValue, request: Command | undefined, cover: Cover): RespValue {
  const isGenpass = request?.name === 'ACL' && wordsOf(request.argv())[1] === 'GENPASS'
  if (isGenpass && value.type === 'bulk') return { type: 'bulk', value: coverValue(value.value, cover) }
  const pairs = redactPairs(value, request?.name === 'SENTINEL' ? /-(pass|user)$/i : SECRET_CONFIG, cover)
  return mapStrings(pairs, (text) => blotHashes(text, cover))
}

/** Hashes of passwords, also as a recording has them: overwritten. */
function blotHashes(text: string, cover: Cover): string {
  return text.replace(/[#>!<]?\b[0-9a-f]{64}\b|\*{64,65}/g, cover)
}

function coverValue(value: MaybeLong, cover: Cover): MaybeLong {
  if (typeof value === 'string') return cover(value) as ByteString
  return cover === redacted ? REDACTED : { ...value, preview: cover(value.preview) as ByteString }
}

/** The arguments of a command with those at `places` overwritten. */
function blankArguments(command: Command, places: readonly number[]): MaybeLong[] {
  const argv = command.argv().slice()
  for (const index of places) {
    const arg = argv[index]!
    // What tells a reader of the recording that this was a secret is kept: the sign of a rule.
    const sign = command.name === 'ACL' ? beginningOf(arg).search(/(?<=^|[\s(])[><#!]/) : -1
    if (typeof arg === 'string' && sign >= 0) {
      const before = sign === 0 ? '' : `${blanked(arg.slice(0, sign - 1))}${arg[sign - 1]}`
      argv[index] = `${before}${arg[sign]}${blanked(arg.slice(sign + 1))}` as ByteString
    } else argv[index] = coverValue(arg, blanked)
  }
  return argv
}

/** In lists of names and values, at any depth: what stands behind a name that matches. */
function redactPairs(value: RespValue, name: RegExp, cover: Cover): RespValue {
  if (!('items' in value)) return value
  const items = value.items.map((item, i) => {
    const before = value.items[i - 1]
    const isNamed = before?.type === 'bulk' && typeof before.value === 'string' && name.test(before.value)
    if (isNamed && item.type === 'bulk' && lengthOf(item.value) > 0) {
      return { type: 'bulk', value: coverValue(item.value, cover) } as const
    }
    return redactPairs(item, name, cover)
  })
  return { ...value, items }
}

/** Longer words first: one may be the beginning of another. */
function blot(text: string, words: readonly string[], cover: Cover): string {
  const found = words.filter((word) => text.includes(word)).sort((a, b) => b.length - a.length)
  let clean = text
  for (const word of found) clean = clean.replaceAll(word, cover)
  return clean
}

/**
 * Takes out of an error what it quotes of the command's secrets. Redis cuts what it quotes (after 128
 * bytes) and puts blanks for line ends, so what stands behind a quotation mark is compared as far as it
 * goes.
 */
function blotEcho(text: string, secrets: readonly MaybeLong[], cover: Cover): string {
  let clean = ''
  let from = 0
  for (const { index } of text.matchAll(/['">(]/g)) {
    const start = index + 1
    if (start < from) continue
    const quotedEnd = text.indexOf("'", start)
    const end = quotedEnd === -1 ? text.length : quotedEnd
    const echo = text.slice(start, end)
    if (!secrets.some((secret) => isBeginning(echo, secret))) continue
    clean += `${text.slice(from, start)}${cover(echo)}`
    from = end
  }
  return clean + text.slice(from)
}

/** Whether an echo begins as the secret does, for as long as either of them goes. */
function isBeginning(echo: string, secret: MaybeLong): boolean {
  const beginning = beginningOf(secret).replace(/[\r\n]/g, ' ')
  const length = Math.min(echo.length, beginning.length)
  return length > 0 && echo.slice(0, length) === beginning.slice(0, length)
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
