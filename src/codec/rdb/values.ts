/**
 * Which program reads which value type.
 *
 * Two shapes cover most types: a packed blob, or a count and so many strings. Both feed the same tellers
 * (collections.ts). What is left has a program of its own.
 */
import { Malformed, type Program } from '../../bytes/resumable.ts'
import {
  fields,
  fieldsAfterTtl,
  fieldsBeforeExpiry,
  items,
  members,
  scored,
  scoredStrings,
  type Tell,
  timedFields,
} from './collections.ts'
import { QUICKLIST_NODE, type RdbFamily, TYPE } from './format.ts'
import { readDouble, readLength, readTextDouble, readTimeMs } from './lengths.ts'
import { moduleValues } from './modules.ts'
import {
  INTSET,
  isCheckedAtOnce,
  LISTPACK,
  type PackedFormat,
  packedValue,
  ZIPLIST,
  ZIPMAP,
} from './packed-value.ts'
import { stream } from './streams.ts'
import type { Walk } from './walk.ts'

type PackedType = { readonly format: PackedFormat; readonly width: number; readonly tell: Tell }

const PACKED: readonly (PackedType | undefined)[] = packedTypes()

function packedTypes(): (PackedType | undefined)[] {
  const types: (PackedType | undefined)[] = []
  types[TYPE.HASH_ZIPMAP] = { format: ZIPMAP, width: 2, tell: fields }
  types[TYPE.LIST_ZIPLIST] = { format: ZIPLIST, width: 1, tell: items }
  types[TYPE.SET_INTSET] = { format: INTSET, width: 1, tell: members }
  types[TYPE.ZSET_ZIPLIST] = { format: ZIPLIST, width: 2, tell: scored }
  types[TYPE.HASH_ZIPLIST] = { format: ZIPLIST, width: 2, tell: fields }
  types[TYPE.HASH_LISTPACK] = { format: LISTPACK, width: 2, tell: fields }
  types[TYPE.ZSET_LISTPACK] = { format: LISTPACK, width: 2, tell: scored }
  types[TYPE.SET_LISTPACK] = { format: LISTPACK, width: 1, tell: members }
  types[TYPE.HASH_LISTPACK_EX_PRE_GA] = { format: LISTPACK, width: 3, tell: timedFields }
  return types
}

/**
 * Reads the value at once, if it is a small one of the common kind and only its key is wanted.
 * Returns false with nothing consumed where valueProgram() has to do it.
 */
export function isWalkedAtOnce(walk: Walk, type: number): boolean {
  if (walk.elements) return false
  const packed = PACKED[type]
  if (packed === undefined || packed.format.check === undefined) return false
  return isCheckedAtOnce(walk, packed.format, packed.width)
}

/** Reads the value of any type but STRING and the pre-GA module. */
export function valueProgram(walk: Walk, type: number, family: RdbFamily): Program {
  const packed = PACKED[type]
  if (packed !== undefined) return packedValue(walk, packed.format, packed.width, packed.tell)
  switch (type) {
    case TYPE.LIST:
      return plain(walk, 1, items)
    case TYPE.SET:
      return plain(walk, 1, members)
    case TYPE.HASH:
      return plain(walk, 2, fields)
    case TYPE.ZSET:
      return scoredStrings(walk, readTextDouble)
    case TYPE.ZSET_2:
      return scoredStrings(walk, readDouble)
    case TYPE.LIST_QUICKLIST:
      return ziplists(walk)
    case TYPE.LIST_QUICKLIST_2:
      return listNodes(walk)
    case TYPE.HASH_METADATA_PRE_GA_OR_VALKEY_HASH_2:
      // Absolute times: they count from 0.
      return family === 'valkey' ? fieldsBeforeExpiry(walk) : fieldsAfterTtl(walk, 0)
    case TYPE.HASH_METADATA:
      return hashMetadata(walk)
    case TYPE.HASH_LISTPACK_EX:
      return hashListpackEx(walk)
    case TYPE.MODULE_2:
      return moduleValues(walk)
    default:
      return stream(walk, type)
  }
}

/** A count, then `width` strings for each. */
function* plain(walk: Walk, width: number, tell: Tell): Program {
  let count: number | undefined
  while ((count = readLength(walk.src)) === undefined) yield
  walk.strings.expect(count * width)
  yield* tell(walk, walk.strings)
}

function* ziplists(walk: Walk): Program {
  let left: number | undefined
  while ((left = readLength(walk.src)) === undefined) yield
  for (; left > 0; left--) yield* packedValue(walk, ZIPLIST, 1, items)
}

function* listNodes(walk: Walk): Program {
  const { src, strings } = walk
  let left: number | undefined
  let container: number | undefined
  while ((left = readLength(src)) === undefined) yield
  for (; left > 0; left--) {
    while ((container = readLength(src)) === undefined) yield
    if (container === QUICKLIST_NODE.PACKED) {
      if (walk.elements || !isCheckedAtOnce(walk, LISTPACK, 1)) yield* packedValue(walk, LISTPACK, 1, items)
    } else if (container === QUICKLIST_NODE.PLAIN) {
      strings.expect(1)
      yield* items(walk, strings)
    } else
      throw new Malformed(
        'RDB_BAD_VALUE',
        `quicklist node of unknown container ${container}`,
        src.position - 1,
      )
  }
}

function* hashMetadata(walk: Walk): Program {
  let smallest: number | undefined
  while ((smallest = readTimeMs(walk.src)) === undefined) yield
  yield* fieldsAfterTtl(walk, smallest - 1)
}

function* hashListpackEx(walk: Walk): Program {
  // The smallest expiry, which may be stale; the fields tell their own.
  while (readTimeMs(walk.src) === undefined) yield
  yield* packedValue(walk, LISTPACK, 3, timedFields)
}
