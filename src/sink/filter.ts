/**
 * `--filter EXPR`: which commands, keys, databases, links and offsets are printed.
 *
 *   --filter 'key=user:*  cmd=set,del  db=0  link=1  offset=100..200'
 *   --filter 'user:*'                     a bare word is a key glob
 *
 * Terms are separated by blanks and must all hold; alternatives within a term are separated by commas. A
 * term only speaks of events that have such a property: connections, resyncs, snapshots and faults are not
 * hidden by `key=`, but every event is of some link. Totals count everything, filtered or not.
 */

import { fromText } from '../bytes/byte-string.ts'
import { globMatcher } from '../bytes/glob.ts'
import { beginningOf } from '../bytes/long-bytes.ts'
import { keysOf } from '../replication/command-keys.ts'
import type { ReplEvent } from '../replication/events.ts'
import { UsageError } from '../usage-error.ts'

export type Filter = (event: ReplEvent) => boolean

/** What a handshake says has no key to be judged by, and its replies would stand there alone. */
const WITHOUT_KEYS = new Set(['PING', 'AUTH', 'HELLO', 'REPLCONF', 'PSYNC', 'SYNC'])

const ALL: Filter = () => true

/** @throws UsageError naming the term that is not understood */
export function parseFilter(expression: string): Filter {
  const terms = expression
    .trim()
    .split(/\s+/)
    .filter((term) => term !== '')
  const filters = terms.map(parseTerm)
  return filters.length === 0 ? ALL : (event) => filters.every((holds) => holds(event))
}

function parseTerm(term: string): Filter {
  const [, name, value] = /^([a-z]+)=(.*)$/i.exec(term) ?? [undefined, 'key', term]
  switch (name!.toLowerCase()) {
    case 'cmd':
    case 'command':
      return byName(value!)
    case 'db':
      return byDb(numbers(term, value!))
    case 'link':
      return byLink(numbers(term, value!))
    case 'offset':
      return byOffset(term, value!)
    case 'key':
      return byKey(value!)
    default:
      throw notUnderstood(term, `key=${term}, if it is a key; properties are key, cmd, db, link, offset`)
  }
}

function byKey(globs: string): Filter {
  const matchers = globs.split(',').map((glob) => globMatcher(fromText(glob)))
  return (event) => {
    if (event.kind === 'ping' || event.kind === 'getack') return false
    if (event.kind === 'snapshot-key') {
      const name = typeof event.key === 'string' ? event.key : event.key.preview
      return matchers.some((matches) => matches(name))
    }
    if (event.kind !== 'command' && event.kind !== 'request') return true
    if (event.kind === 'request' && WITHOUT_KEYS.has(event.command.name)) return true
    return keysOf(event.command).some((key) => matchers.some((matches) => matches(beginningOf(key))))
  }
}

function byName(list: string): Filter {
  const names = new Set(list.toUpperCase().split(','))
  return (event) => {
    if (event.kind === 'ping') return names.has('PING')
    if (event.kind === 'getack') return names.has('REPLCONF') || names.has('GETACK')
    if (event.kind === 'reply') return event.answers === undefined || names.has(event.answers)
    return (event.kind !== 'command' && event.kind !== 'request') || names.has(event.command.name)
  }
}

function byDb(dbs: ReadonlySet<number>): Filter {
  return (event) => {
    if (event.kind !== 'command' && event.kind !== 'snapshot-key') return true
    return event.db !== undefined && dbs.has(event.db)
  }
}

function byLink(links: ReadonlySet<number>): Filter {
  return (event) => links.has(event.link)
}

/** `100..200`, `100..`, `..200` or one offset: commands that have a byte within [first, last]. */
function byOffset(term: string, value: string): Filter {
  const match = /^(\d*)(\.\.)?(\d*)$/.exec(value)
  if (match === null || (match[1] === '' && match[3] === '')) throw notUnderstood(term, 'offset=100..200')
  const first = Number(match[1])
  const last = match[2] === undefined ? first : match[3] === '' ? Infinity : Number(match[3])
  return (event) => {
    if (event.kind === 'ack') return event.offset >= first && event.offset <= last
    if (event.kind !== 'command' && event.kind !== 'ping' && event.kind !== 'getack') return true
    return event.start !== undefined && event.end !== undefined && event.start < last && event.end >= first
  }
}

function numbers(term: string, value: string): ReadonlySet<number> {
  if (!/^\d+(,\d+)*$/.test(value)) throw notUnderstood(term, `${term.split('=')[0]}=0,1`)
  return new Set(value.split(',').map(Number))
}

function notUnderstood(term: string, example: string): UsageError {
  return new UsageError(`--filter: "${term}" is not understood: write it as ${example}`)
}
