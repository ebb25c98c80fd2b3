/**
 * How much a RESP decoder is willing to read or hold, each with its reason.
 *
 * A limit on what is *held* never loses a byte: what is longer is walked and described. A limit on what is
 * *read* makes a Fault: beyond it the bytes cannot be RESP that a Redis sent.
 */
export const LIMITS = {
  /**
   * Bytes of one line of a request (inline commands) or of a snapshot header. Redis refuses inline requests
   * and length lines over 64 KiB (PROTO_INLINE_MAX_SIZE).
   */
  lineBytes: 64 * 1024,
  /**
   * Bytes of one line of a reply: a script may answer with a status or an error of any length, MONITOR with
   * a command.
   */
  replyLineBytes: 1024 * 1024,
  /** Nesting of aggregates. COMMAND DOCS reaches 8 or so; a parser's stack is what hostile depth aims at. */
  depth: 128,
  /** Elements of one aggregate or arguments of one command: Redis's own bound is INT_MAX. */
  count: 2 ** 31 - 1,
  /**
   * Bytes of one bulk: `proto-max-bulk-len` may be raised; its type is a signed 64-bit, JavaScript's exact.
   */
  bulkBytes: Number.MAX_SAFE_INTEGER,
  /** Digits of a length or count, with its sign: more cannot be a number that fits 64 bits. */
  lengthDigits: 20,
} as const

/** How much of a value is kept. What is longer reaches the consumer as length, preview and hash. */
export type Keep = {
  /** A single string longer than this is not kept whole. */
  readonly valueBytes: number
  /** Strings of one command or reply together; what comes after is counted, not kept. */
  readonly totalBytes: number
  /** Elements of one command or reply, over all levels. */
  readonly elements: number
  /** Whether a hash of long values is computed (SHA-256: about a second for 2 GB). */
  readonly hash: boolean
}

export const KEEP: Keep = { valueBytes: 64 * 1024, totalBytes: 1024 * 1024, elements: 64 * 1024, hash: true }
