/**
 * A packed blob as a value: found, inflated if need be, and told by a program for its elements.
 *
 *   fits in memory, only keys wanted    checked by one tight loop
 *   fits in memory                      the program runs over a PackedWindow and is never suspended
 *   too large to hold                   the program runs in a decoder of its own, pushed piece by piece
 */
import { type DecodeFault, Malformed, type Program, Resumable } from '../../bytes/resumable.ts'
import {
  type BlobPlace,
  damaged,
  type ElementCursor,
  type Form,
  INTEGER,
  LONG,
  PackedWindow,
  PENDING,
  type Window,
} from '../packed/cursor.ts'
import { checkIntset, IntsetCursor } from '../packed/intset.ts'
import { checkListpack, ListpackCursor } from '../packed/listpack.ts'
import { checkZiplist, ZiplistCursor } from '../packed/ziplist.ts'
import { ZipmapCursor } from '../packed/zipmap.ts'
import type { Tell } from './collections.ts'
import { longBytes } from './long-value.ts'
import type { Walk } from './walk.ts'

/** One packed encoding: how to walk its elements, and how to check all of them at once. */
export type PackedFormat = {
  readonly open: (window: Window, place: BlobPlace, longest: number) => ElementCursor
  /** Returns the number of elements. */
  readonly check: ((bytes: Buffer, start: number, place: BlobPlace) => number) | undefined
}

export const LISTPACK: PackedFormat = {
  open: (window, place, longest) => new ListpackCursor(window, place, longest),
  check: checkListpack,
}
export const ZIPLIST: PackedFormat = {
  open: (window, place, longest) => new ZiplistCursor(window, place, longest),
  check: checkZiplist,
}
export const INTSET: PackedFormat = {
  open: (window, place) => new IntsetCursor(window, place),
  check: checkIntset,
}
export const ZIPMAP: PackedFormat = {
  open: (window, place, longest) => new ZipmapCursor(window, place, longest),
  check: undefined,
}

/**
 * Reads the next string of the file as a packed blob.
 * @param width elements of the blob per item of the value: 2 for pairs. 0: only `tell` can count.
 */
export function* packedValue(walk: Walk, format: PackedFormat, width: number, tell: Tell): Program {
  const strings = walk.strings
  let form: Form
  while ((form = strings.read(walk.maxPackedBytes)) === PENDING) yield
  const place = placeOf(walk, form)
  if (form === LONG) yield* tooLarge(walk, format, place, tell)
  else if (!walk.elements && width > 0 && format.check !== undefined) {
    checkValue(walk, format, width, place)
  } else {
    const window = new PackedWindow(strings.bytes, strings.start, place)
    walk.openBlob(strings.bytes, strings.start, place.size)
    yield* tell(walk, format.open(window, place, walk.maxValueBytes))
    walk.closeBlob()
  }
}

/**
 * At detail 'keys', the blob at once if it is all here: true, or false with nothing consumed.
 * Saves a generator for each of very many small values.
 */
export function isCheckedAtOnce(walk: Walk, format: PackedFormat, width: number): boolean {
  const strings = walk.strings
  const src = walk.src
  const at = src.index
  const form = strings.read(walk.maxPackedBytes)
  if (form === PENDING) return false
  if (form === LONG) {
    src.index = at
    return false
  }
  checkValue(walk, format, width, placeOf(walk, form))
  return true
}

function checkValue(walk: Walk, format: PackedFormat, width: number, place: BlobPlace): void {
  const { bytes, start } = walk.strings
  const count = format.check!(bytes, start, place)
  if (count % width !== 0) throw damaged(place, place.size, 'last element has no partner')
  walk.items += count / width
}

function placeOf(walk: Walk, form: Form): BlobPlace {
  if (form === INTEGER) {
    throw new Malformed('RDB_BAD_PACKED', 'integer where a packed value belongs', walk.src.position)
  }
  return walk.strings.place(form)
}

function* tooLarge(walk: Walk, format: PackedFormat, place: BlobPlace, tell: Tell): Program {
  let fault: DecodeFault | undefined
  const inner = new Resumable(
    (window) => tell(walk, format.open(window, place, walk.maxValueBytes)),
    (found) => {
      fault = found
    },
  )
  yield* longBytes(walk.strings, (block) => {
    inner.push(block)
    if (fault !== undefined) throw new Malformed(fault.code, fault.detail, fault.position)
  })
  if (inner.state !== 'done') throw damaged(place, place.size, 'ends in the middle of an element')
}
