/**
 * The two ends of a list, and what every command does that takes elements from one.
 *
 * Source: redis 7.0 `src/t_list.c`, listElementsRemoved, lmoveHandlePush.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { ListValue } from '../../dataset/list-value.ts'
import { Refusal, SYNTAX } from '../../replies.ts'

export type End = 'LEFT' | 'RIGHT'

/** @throws Refusal `ERR syntax error` */
export function endOf(text: ByteString): End {
  const end = word(text)
  if (end !== 'LEFT' && end !== 'RIGHT') throw new Refusal(SYNTAX)
  return end
}

export function push(list: ListValue, end: End, element: ByteString): void {
  if (end === 'LEFT') list.pushFirst(element)
  else list.pushLast(element)
}

/** The list must not be empty. */
export function pop(list: ListValue, end: End): ByteString {
  return end === 'LEFT' ? list.popFirst() : list.popLast()
}

/** Takes up to `count` elements from an end of the list at `key`; an empty list goes. */
export function take(call: Call, key: ByteString, list: ListValue, end: End, count: number): ByteString[] {
  const taken = Math.min(count, list.length)
  const { length } = list
  const elements = end === 'LEFT' ? list.range(0, taken) : list.range(length - taken, length).reverse()
  if (end === 'LEFT') list.keep(taken, length)
  else list.keep(0, length - taken)
  elementsTaken(call, key, list, end, taken)
  return elements
}

/** Takes one element from an end of the list at `key`; an empty list goes. */
export function takeOne(call: Call, key: ByteString, list: ListValue, end: End): ByteString {
  const element = pop(list, end)
  elementsTaken(call, key, list, end, 1)
  return element
}

/** Takes an element from one list to another, which may be the same or not exist yet. */
export function moveOne(
  call: Call,
  [source, from]: readonly [ByteString, End],
  [target, to]: readonly [ByteString, End],
): ByteString | undefined {
  const list = call.findForWrite(source, 'list')
  if (list === undefined) return undefined
  let into = call.findForWrite(target, 'list')
  const element = pop(list, from)
  if (into === undefined) call.add(target, (into = new ListValue()))
  call.modified(target, 0)
  push(into, to, element)
  call.notify('l', to === 'LEFT' ? 'lpush' : 'rpush', target)
  elementsTaken(call, source, list, from, 1)
  return element
}

function elementsTaken(call: Call, key: ByteString, list: ListValue, end: End, count: number): void {
  call.notify('l', end === 'LEFT' ? 'lpop' : 'rpop', key)
  removeIfEmpty(call, key, list)
  call.modified(key, count)
}

/** A list without elements is no list. */
export function removeIfEmpty(call: Call, key: ByteString, list: ListValue): void {
  if (list.length > 0) return
  call.db.remove(call.db.peek(key)!)
  call.notify('g', 'del', key)
}
