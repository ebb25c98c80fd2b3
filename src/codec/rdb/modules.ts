/**
 * What modules wrote: walked by the opcodes of their stream, without the module.
 *
 *   id      u64 as length: nine characters of six bits, first on top, then ten bits of version
 *   value   ( opcode, operand )* 0        each opcode a length: 1 sint, 2 uint, 3 float, 4 double, 5 string
 *
 * Source: redis `src/module.c`, moduleTypeEncodeId, RM_Save…; `src/rdb.c`, rdbLoadCheckModuleValue.
 */
import { Malformed, type Program } from '../../bytes/resumable.ts'
import { type Form, LONG, PENDING } from '../packed/cursor.ts'
import type { RdbModuleId, RdbModuleValue } from './events.ts'
import { MODULE_OPCODE } from './format.ts'
import { readDouble, readFloat, readLength, readUint64 } from './lengths.ts'
import type { Walk } from './walk.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const TYPE_ALPHABET = `${LETTERS}-_`
/** Key metadata has the last two the other way round. */
const META_ALPHABET = `${LETTERS}_-`

export function moduleIdOf(stored: number | bigint): RdbModuleId {
  const id = BigInt(stored)
  let name = ''
  for (let shift = 58n; shift > 4n; shift -= 6n) name += TYPE_ALPHABET[Number((id >> shift) & 63n)]
  return { name, version: Number(id & 1023n), id }
}

/** The 32 bits that name a class of key metadata: four characters, five bits of version, three flags. */
export function metaClassOf(spec: number): { name: string; version: number; flags: number } {
  let name = ''
  for (let shift = 26; shift > 2; shift -= 6) name += META_ALPHABET[(spec >>> shift) & 63]
  return { name, version: (spec >>> 3) & 31, flags: spec & 7 }
}

/** Walks the opcodes up to and including the 0. Each counts as one item. */
export function* moduleValues(walk: Walk): Program {
  const { src, strings } = walk
  let opcode: number | undefined
  let form: Form
  for (;;) {
    while ((opcode = readLength(src)) === undefined) yield
    let value: RdbModuleValue['value'] | undefined
    switch (opcode) {
      case MODULE_OPCODE.EOF:
        return
      case MODULE_OPCODE.SINT:
      case MODULE_OPCODE.UINT:
        while ((value = readUint64(src)) === undefined) yield
        if (opcode === MODULE_OPCODE.SINT) value = signed(value)
        break
      case MODULE_OPCODE.FLOAT:
        while ((value = readFloat(src)) === undefined) yield
        break
      case MODULE_OPCODE.DOUBLE:
        while ((value = readDouble(src)) === undefined) yield
        break
      case MODULE_OPCODE.STRING:
        while ((form = strings.value()) === PENDING) yield
        value = form === LONG ? yield* walk.long(strings) : walk.take(strings, form)
        break
      default:
        throw new Malformed('RDB_BAD_MODULE_OPCODE', `unknown module opcode ${opcode}`, src.position - 1)
    }
    walk.items++
    if (walk.elements) walk.emit({ kind: 'module-value', opcode: OPCODE_NAME[opcode]!, value })
  }
}

const OPCODE_NAME: readonly RdbModuleValue['opcode'][] = ['uint', 'sint', 'uint', 'float', 'double', 'string']

function signed(value: number | bigint): number | bigint {
  const wide = BigInt.asIntN(64, BigInt(value))
  const exact = Number(wide)
  return Number.isSafeInteger(exact) ? exact : wide
}
