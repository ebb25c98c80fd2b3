/**
 * Strings and module values: one blob each, written in pieces when it is long.
 *
 *   0 STRING   string                 7 MODULE_2   length id, opcode stream … 0
 *
 * A long string goes out a block at a time, so that writing it needs no second copy of it. Compression is
 * still tried first, on the whole, as Redis does; for a string that comes in pieces it is not.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Bytes } from '../../bytes/byte-writer.ts'
import type { Pieces, RdbModule, RdbString } from './encode-model.ts'
import { BLOCK_BYTES, type RdbOutput, type Steps } from './encode-output.ts'
import { TYPE } from './format.ts'

/** Module values with an opcode stream since 4.0. */
const MODULE_SINCE = 8
const MODULE_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Writes a string; returns the steps that are left to do if it is long. */
export function writeString(out: RdbOutput, { value }: RdbString): Steps | undefined {
  out.begin(TYPE.STRING)
  if (typeof value === 'object' && 'pieces' in value) return pieces(out, value)
  if (value.length > BLOCK_BYTES) return longString(out, value)
  out.string(value)
  return undefined
}

/** Writes a module's value as it was found; returns the steps that are left to do if it is long. */
export function writeModule(out: RdbOutput, value: RdbModule): Steps | undefined {
  const { name, payload } = value
  if (payload === undefined) out.lose('module', `the bytes of a value of module ${name} were not kept`)
  else if (out.version < MODULE_SINCE) out.lose('module', `module values (${name}) need RDB version 8`)
  else {
    out.begin(TYPE.MODULE_2)
    out.length(moduleId(name, value.encodingVersion))
    return blocks(out, payload)
  }
  return undefined
}

/** The 64-bit id: nine characters of six bits, then ten bits of version. Source: redis `src/module.c`. */
export function moduleId(name: string, encodingVersion: number): bigint {
  let id = 0n
  for (const char of name) {
    const code = MODULE_ALPHABET.indexOf(char)
    if (code < 0) throw new RangeError(`not a module name: ${name}`)
    id = (id << 6n) | BigInt(code)
  }
  if (name.length !== 9) throw new RangeError(`not a module name: ${name}`)
  return (id << 10n) | BigInt(encodingVersion & 1023)
}

function longString(out: RdbOutput, value: Bytes): Steps | undefined {
  if (out.compressed(value)) return undefined
  out.length(value.length)
  return blocks(out, value)
}

function* pieces(out: RdbOutput, value: Pieces): Steps {
  out.length(value.length)
  let total = 0
  for (const piece of value.pieces) {
    total += piece.length
    yield* blocks(out, piece)
  }
  if (total !== value.length) throw new RangeError(`pieces of ${total} bytes where ${value.length} were said`)
}

function* blocks(out: RdbOutput, value: Bytes): Steps {
  for (let at = 0; at < value.length; at += BLOCK_BYTES) {
    const end = at + BLOCK_BYTES
    out.writer.put(typeof value === 'string' ? (value.slice(at, end) as ByteString) : value.subarray(at, end))
    yield
  }
}
