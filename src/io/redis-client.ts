/**
 * RedisClient: asks a server and awaits its replies; the only home of redis-parser.
 *
 *   command('SET', 'k', 'v') ──► *3 $3 SET $1 k $1 v ──► server
 *           promise ◄── queue of waiters ◄── redis-parser ◄──┘   one reply per command, in order
 *
 * RESP2 only, one promise per command. Commands that are sent without awaiting the one before are pipelined
 * and leave in one write. It drives servers for tests, benchmarks and verbs; it never reads a replication
 * stream, where redis-parser would lose bytes (it knows no offsets, no bare newlines and no snapshots).
 *
 * Not done here: reconnecting, subscriptions, MONITOR, RESP3, integers beyond 2^53 (they are rounded).
 * How many commands are on their way is the caller's choice: each waits in memory for its reply.
 */
import net from 'node:net'
import RedisParser from 'redis-parser'
import { type ByteString, byteString, fromText } from '../bytes/byte-string.ts'
import { encodeCommand } from '../codec/resp/encode.ts'

/** Where a server listens. */
export type RedisAddress = { readonly host: string; readonly port: number } | { readonly path: string }

/**
 * Strings are Buffers where the client was opened with `buffers`, UTF-8 text otherwise.
 * An error inside an array (the replies of EXEC) or a pipeline is an element of it.
 */
export type Reply = string | Buffer | number | null | RedisError | Reply[]

export type Argument = string | Buffer | number

/** An error the server replied with, in its words: "WRONGTYPE Operation against …". */
export class RedisError extends Error {
  /** Its first word: `ERR`, `WRONGTYPE`, `NOAUTH`, … */
  get code(): string {
    return this.message.split(' ', 1)[0] ?? ''
  }
}

type Waiter = { readonly name: string; settle(reply: Reply): void; fail(error: Error): void }

export type RedisClientOptions = {
  /** Strings in replies as Buffers; default false. */
  readonly buffers?: boolean
  /** How long a connection attempt may take, milliseconds; default 5000. */
  readonly connectTimeoutMs?: number
}

/**
 * Connects to a server. Rejects with an Error that names the address and what was wrong with it
 * (`cause` is the system's own error).
 */
export function connectRedis(address: RedisAddress, options: RedisClientOptions = {}): Promise<RedisClient> {
  const { buffers = false, connectTimeoutMs = 5000 } = options
  const name = addressName(address)
  return new Promise((resolve, reject) => {
    const socket = net.connect({ ...address, noDelay: true })
    const refuse = (cause: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(new Error(`cannot connect to ${name}: ${reasonOf(cause)}`, { cause }))
    }
    const timer = setTimeout(() => refuse(new Error(`no answer in ${connectTimeoutMs} ms`)), connectTimeoutMs)
    socket.once('error', refuse)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', refuse)
      resolve(new RedisClient(socket, name, buffers))
    })
  })
}

/** One connection. Made by connectRedis; ended by close(), or by the server. */
export class RedisClient {
  /** Settles when the connection is gone, whoever ended it; never rejects. */
  readonly closed: Promise<void>
  readonly #socket: net.Socket
  readonly #name: string
  readonly #waiters = new Queue<Waiter>()
  #end: Error | undefined

  /** @param socket connected, without listeners. @param name of the server, for messages. */
  constructor(socket: net.Socket, name: string, buffers: boolean) {
    this.#socket = socket
    this.#name = name
    const parser = new RedisParser({
      returnBuffers: buffers,
      returnReply: (reply) => this.#next()?.settle(withOwnErrors(reply)),
      returnError: (error) => this.#next()?.fail(new RedisError(error.message)),
      returnFatalError: () => this.#fail(new Error(`${name} does not answer in RESP2`)),
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#fail(new Error(`${name} closed the connection`))
        resolve()
      })
    })
    socket.on('data', (chunk) => {
      if (this.#end !== undefined) return
      try {
        parser.execute(chunk)
      } catch (cause) {
        // redis-parser trusts counts and nesting: it allocates and recurses as it is told.
        this.#fail(new Error(`${name} does not answer in RESP2`, { cause }))
      }
    })
    socket.on('error', (cause) => {
      this.#fail(new Error(`the connection to ${name} broke: ${reasonOf(cause)}`, { cause }))
    })
  }

  /**
   * Sends one command. Resolves to its reply; rejects with a RedisError where the server replies an error,
   * with another Error where the connection ends first.
   */
  command(...words: readonly Argument[]): Promise<Reply> {
    return new Promise((settle, fail) => this.#send(words, { name: String(words[0]), settle, fail }))
  }

  /** Sends many commands at once. Resolves to their replies in order; error replies are values among them. */
  pipeline(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    return Promise.all(
      commands.map((words) =>
        this.command(...words).catch((error) => {
          if (error instanceof RedisError) return error
          throw error
        }),
      ),
    )
  }

  /** Closes the connection at once. Commands still waiting for their reply are rejected. */
  close(): Promise<void> {
    this.#fail(new Error(`the connection to ${this.#name} was closed`))
    return this.closed
  }

  #send(words: readonly Argument[], waiter: Waiter): void {
    if (this.#end !== undefined) {
      waiter.fail(this.#end)
      return
    }
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork()
      process.nextTick(() => this.#socket.uncork())
    }
    this.#waiters.push(waiter)
    this.#socket.write(encodeCommand(words.map(bytesOf)))
  }

  #next(): Waiter | undefined {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) this.#fail(new Error(`${this.#name} sent a reply that nobody asked for`))
    return waiter
  }

  /** Ends the connection; the first reason is the one that every waiter hears. */
  #fail(error: Error): void {
    if (this.#end !== undefined) return
    this.#end = error
    this.#socket.destroy()
    let waiter: Waiter | undefined
    while ((waiter = this.#waiters.shift()) !== undefined) {
      waiter.fail(new Error(`no reply to ${waiter.name}: ${error.message}`, { cause: error }))
    }
  }
}

function bytesOf(word: Argument): ByteString {
  return Buffer.isBuffer(word) ? byteString(word) : fromText(String(word))
}

/** First in, first out, without moving the rest: a pipeline may be long. */
class Queue<T> {
  #items: (T | undefined)[] = []
  #first = 0

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#first]
    if (item === undefined) return undefined
    this.#items[this.#first++] = undefined
    if (this.#first === this.#items.length) {
      this.#items = []
      this.#first = 0
    }
    return item
  }
}

/** A reply in which the errors are ours: redis-parser's class stays in this file. */
function withOwnErrors(reply: unknown): Reply {
  if (reply instanceof Error) return new RedisError(reply.message)
  if (Array.isArray(reply)) return reply.map(withOwnErrors)
  return reply as Reply
}

function addressName(address: RedisAddress): string {
  if ('path' in address) return `unix:${address.path}`
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused (is a server listening there?)',
  ECONNRESET: 'connection reset by the server',
  ENOENT: 'no such socket file',
  ENOTFOUND: 'no such host',
  EACCES: 'permission denied',
}

function reasonOf(error: Error & { code?: string }): string {
  // A name with several addresses fails with an AggregateError, whose message is empty.
  return REASONS[error.code ?? ''] ?? (error.message || error.code || 'unknown reason')
}
