/**
 * Ports: the only doors for time, chance and the network. Interfaces only; io/ implements them, tests
 * simulate them.
 *
 * Whoever gets a Clock and a Random from outside can be run at any pace, and again with the same outcome.
 */

/** Microseconds since the epoch. */
export type Instant = number

export interface Clock {
  now(): Instant
  /** Runs once, `delay` microseconds from now; the result cancels it. */
  after(delay: number, run: () => void): () => void
}

export interface Random {
  /** A whole number from 0 up to but not including `n` (1 … 2^48). */
  below(n: number): number
  /** `length` hexadecimal digits, as replication ids and run ids have 40. */
  hex(length: number): string
}

/** The far end of a connection, whoever made it. */
export interface Peer {
  /** Takes pieces to send, in order; a string is one char a byte. */
  send(pieces: readonly (string | Buffer)[]): void
  /** Closes the connection when all was sent. */
  close(): void
  /** Ends it at once; what was not sent is lost. */
  destroy(): void
  /** Bytes given to send() that the far end has not taken. */
  readonly waitingBytes: number
  /** Nothing more is read from it until resume(). */
  pause(): void
  resume(): void
  /** `127.0.0.1:52100`, or the path of a unix socket. */
  readonly remote: string
  readonly local: string
}

/** Our end of it. */
export interface Connection {
  /** Bytes have come; borrowed until push returns. */
  push(chunk: Buffer): void
  /** All that waited to be sent has been. */
  drained(): void
  /** The connection has gone, whoever ended it. */
  closed(): void
}

/** Our end of a connection that we make. */
export interface DialedConnection extends Connection {
  /** It stands: bytes may be sent. Where it cannot be made, `closed` is called instead. */
  opened(): void
  /** @param why in the words of the system (`Connection refused`), where it could not be made or broke */
  closed(why?: string): void
}

/** Where to connect to. */
export type DialTarget = {
  readonly host: string
  readonly port: number
  /** The address of this machine to connect from; undefined or empty: any. */
  readonly from?: string
}

/** Makes connections. */
export interface Dialer {
  /** Begins to connect, and calls the connection back later, never at once. destroy() gives up. */
  dial(target: DialTarget, connection: DialedConnection): Peer
}
