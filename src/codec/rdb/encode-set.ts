/**
 * Sets: packed when small, else member by member.
 *
 *   11 SET_INTSET    string = intset          all members integers, at most set-max-intset-entries
 *   20 SET_LISTPACK  string = listpack        since 7.2, at most set-max-listpack-entries of so many bytes
 *    2 SET           length n, n × string
 *
 * Source: redis 7.0 and 8.0 `src/t_set.c`, `src/rdb.c`.
 */
import type { Bytes } from '../../bytes/byte-writer.ts'
import { canonicalInteger } from '../packed/canonical-integer.ts'
import { buildIntset } from '../packed/intset-builder.ts'
import type { Counted, RdbSet } from './encode-model.ts'
import { checkCount, type RdbOutput, type Steps } from './encode-output.ts'
import { TYPE } from './format.ts'

const LISTPACK_SINCE = 11

/** Writes a set; returns the steps that are left to do if it is large. */
export function writeSet(out: RdbOutput, value: RdbSet): Steps | undefined {
  const { members, plain } = value
  if (plain !== true) {
    const integers = allIntegers(out, members)
    if (integers !== undefined) {
      out.begin(TYPE.SET_INTSET)
      out.string(buildIntset(integers))
      return undefined
    }
    if (fitsListpack(out, members)) {
      out.begin(TYPE.SET_LISTPACK)
      out.listpack.reset()
      for (const member of members) out.listpack.add(member)
      out.string(out.listpack.finish())
      return undefined
    }
  }
  out.begin(TYPE.SET)
  return writePlainSet(out, members)
}

/** Length and members, one by one. */
function* writePlainSet(out: RdbOutput, members: Counted<Bytes>): Steps {
  let walked = 0
  out.length(members.length)
  for (const member of members) {
    walked++
    out.string(member)
    if (out.full) yield
  }
  checkCount(members.length, walked)
}

function allIntegers(out: RdbOutput, members: Counted<Bytes>): (number | bigint)[] | undefined {
  if (members.length > out.limits.setIntsetEntries) return undefined
  const integers: (number | bigint)[] = []
  for (const member of members) {
    const integer = canonicalInteger(member)
    if (integer === undefined) return undefined
    integers.push(integer)
  }
  return integers
}

function fitsListpack(out: RdbOutput, members: Counted<Bytes>): boolean {
  if (out.version < LISTPACK_SINCE || members.length > out.limits.setEntries) return false
  for (const member of members) if (member.length > out.limits.setValue) return false
  return true
}
