/**
 * What we use of redis-parser 3.0, which brings no types of its own.
 * Source: its README, "Usage".
 */
declare module 'redis-parser' {
  export default class RedisParser {
    constructor(options: {
      returnReply(reply: unknown): void
      /** A reply that is an error as a whole; errors inside arrays are elements of the reply. */
      returnError(error: Error): void
      /** The bytes are not RESP2. */
      returnFatalError(error: Error): void
      /** Bulk and simple strings as Buffers. */
      returnBuffers?: boolean
    })
    execute(chunk: Buffer): void
  }
}
