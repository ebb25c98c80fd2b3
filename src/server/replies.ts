/**
 * Replies: what a command answers, before anybody knows whether RESP2 or RESP3 will carry it.
 *
 *   42, 42n            integer            [a, b]            array
 *   'text', Buffer     bulk string        new Pairs([k, v]) map        (RESP2: flat array)
 *   null               null               new Members([…])  set        (RESP2: array)
 *   OK, new Status()   simple string      new Double(1.5)   double     (RESP2: bulk string)
 *   new Failure()      error              NULL_ARRAY        null       (RESP2: *-1)
 *
 * Strings are bytes, one char a byte. The errors that several commands share stand here, once, in Redis's
 * words. A command that refuses throws a Refusal from wherever it finds out; the executor turns it into the
 * reply.
 *
 * Source: redis 7.0 `src/server.c` (createSharedObjects), `src/networking.c` (addReply*).
 */
export type Reply =
  | number
  | bigint
  | string
  | Buffer
  | null
  | readonly Reply[]
  | Status
  | Failure
  | Pairs
  | Members
  | Double
  | Bool
  | BigNumber
  | Verbatim
  | Push
  | Attributed
  | NullArray
  | Several
  | Opening
  | Silence

/** `+text` */
export class Status {
  readonly kind = 'status'
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** `-text`; text begins with its code: `ERR`, `WRONGTYPE`, … */
export class Failure {
  readonly kind = 'failure'
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A map; keys and values alternate. */
export class Pairs {
  readonly kind = 'pairs'
  readonly items: readonly Reply[]
  constructor(items: readonly Reply[]) {
    this.items = items
  }
}

export class Members {
  readonly kind = 'members'
  readonly items: readonly Reply[]
  constructor(items: readonly Reply[]) {
    this.items = items
  }
}

export class Double {
  readonly kind = 'double'
  readonly value: number
  /** How it is to be written, where that is not Redis's usual way. */
  readonly text: string | undefined
  constructor(value: number, text?: string) {
    this.value = value
    this.text = text
  }
}

/** RESP2: 1 or 0. */
export class Bool {
  readonly kind = 'bool'
  readonly value: boolean
  constructor(value: boolean) {
    this.value = value
  }
}

/** RESP2: a bulk string of its digits. */
export class BigNumber {
  readonly kind = 'big-number'
  readonly digits: string
  constructor(digits: string) {
    this.digits = digits
  }
}

/** Text with a format of three letters (`txt`, `mkd`). RESP2: a bulk string. */
export class Verbatim {
  readonly kind = 'verbatim'
  readonly format: string
  readonly text: string
  constructor(format: string, text: string) {
    this.format = format
    this.text = text
  }
}

/** Out of band, not the answer to a command (RESP2: an array). */
export class Push {
  readonly kind = 'push'
  readonly items: readonly Reply[]
  constructor(items: readonly Reply[]) {
    this.items = items
  }
}

/** A reply with attributes before it, which RESP2 leaves out. */
export class Attributed {
  readonly kind = 'attributed'
  readonly attributes: readonly Reply[]
  readonly reply: Reply
  constructor(attributes: readonly Reply[], reply: Reply) {
    this.attributes = attributes
    this.reply = reply
  }
}

export class NullArray {
  readonly kind = 'null-array'
}

/** Several replies to one command, as SUBSCRIBE a b gives. */
export class Several {
  readonly kind = 'several'
  readonly replies: readonly Reply[]
  constructor(replies: readonly Reply[]) {
    this.replies = replies
  }
}

/** The head of an array whose elements follow as replies of their own: EXEC answers as it goes. */
export class Opening {
  readonly kind = 'opening'
  readonly count: number
  constructor(count: number) {
    this.count = count
  }
}

/** No reply (now): the command blocks, or it never answers (REPLCONF ACK). */
export class Silence {
  readonly kind = 'silence'
}

export const OK = new Status('OK')
export const QUEUED = new Status('QUEUED')
export const PONG = new Status('PONG')
export const NULL_ARRAY = new NullArray()
export const SILENCE = new Silence()

/** Thrown by a command that refuses; not an Error, because nobody needs its stack. */
export class Refusal {
  readonly reply: Failure
  constructor(text: string) {
    this.reply = new Failure(text)
  }
}

export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value'
export const SYNTAX = 'ERR syntax error'
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range'
export const NOT_A_FLOAT = 'ERR value is not a valid float'
export const OUT_OF_RANGE = 'ERR index out of range'
export const NO_SUCH_KEY = 'ERR no such key'
export const NOT_POSITIVE = 'ERR value is out of range, must be positive'

/** `ERR wrong number of arguments for 'get' command`; subcommands are called `object|encoding`. */
export function wrongArity(name: string): string {
  return `ERR wrong number of arguments for '${name}' command`
}

/** A client's word as an error shows it: C prints it up to its first zero byte. */
export function shown(text: string, most = text.length): string {
  const end = text.indexOf('\0')
  return text.slice(0, end < 0 ? most : Math.min(end, most))
}

/** Of a container command (OBJECT, CLIENT …) that has no such subcommand. */
export function unknownSubcommand(command: string, subcommand: string): string {
  return `ERR unknown subcommand '${shown(subcommand, 128)}'. Try ${command.toUpperCase()} HELP.`
}
