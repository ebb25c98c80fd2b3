/**
 * The library: decoders and the conversation, without touching a socket.
 *
 *   import { LinkBook, Conversation, jsonEvent } from 'syncscope'
 *
 * Everything here is fed bytes and time, and calls back synchronously. Nothing reads a clock, a file or the
 * network.
 */

export { ByteSource } from './bytes/byte-source.ts'
export {
  type ByteString,
  byteString,
  fromText,
  quoted,
  readable,
  toBytes,
  toText,
} from './bytes/byte-string.ts'
export type { LongBytes, MaybeLong } from './bytes/long-bytes.ts'
export { type DecodeFault, type Decoder, Malformed, type Program, Resumable } from './bytes/resumable.ts'
export { type Command, type CommandSink, commands, type KeptCommand } from './codec/resp/command.ts'
export { type RespEvent, respValues } from './codec/resp/decode.ts'
export { encodeCommand, encodeValue } from './codec/resp/encode.ts'
export { KEEP, type Keep, LIMITS } from './codec/resp/limits.ts'
export type { RespValue } from './codec/resp/values.ts'
export { Conversation, type ConversationOptions } from './replication/conversation.ts'
export type * from './replication/events.ts'
export { Histories } from './replication/histories.ts'
export { LinkBook, type LinkBookOptions } from './replication/link-book.ts'
export { Secrets } from './replication/secrets.ts'
export { type Input, next, type State, TRANSITIONS } from './replication/states.ts'
export { describe } from './sink/describe.ts'
export { jsonEvent, SCHEMA } from './sink/json-event.ts'
export { summaryJson } from './sink/summary.ts'
export { Totals } from './sink/totals.ts'
