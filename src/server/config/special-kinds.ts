/**
 * Parameters that are more than one word (save points, output-buffer limits, keyspace events, percentiles, a
 * master), and those with a rule of their own.
 *
 * They are kept as the text CONFIG GET shows; who needs their parts reads them with the functions below.
 *
 * Source: redis 7.0 `src/config.c`, `src/notify.c`.
 */

import { quoted } from '../../bytes/byte-string.ts'
import { floatOf, smallInteger } from '../arguments.ts'
import { BadValue, bool, choice, INT_MAX, integer, type Kind, memoryBytes, writtenMemory } from './kinds.ts'

export type SavePoint = { readonly seconds: number; readonly changes: number }

/** The save points of `3600 1 300 100`. */
export function savePoints(text: string): SavePoint[] {
  const numbers = text.split(' ').filter(Boolean).map(Number)
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    seconds: numbers[2 * i]!,
    changes: numbers[2 * i + 1]!,
  }))
}

export const saveKind: Kind<string> = {
  read: (value) => {
    const words = value.split(/\s+/).filter(Boolean)
    const isRight = words.every((word, i) => (smallInteger(word) ?? -1) >= (i % 2 === 0 ? 1 : 0))
    if (words.length % 2 !== 0 || !isRight) throw new BadValue('Invalid save parameters')
    return words.join(' ')
  },
  print: (value) => value,
}

export const CLIENT_CLASSES = ['normal', 'slave', 'pubsub'] as const
export type ClientClass = (typeof CLIENT_CLASSES)[number]
export type OutputLimit = {
  readonly hardBytes: number
  readonly softBytes: number
  readonly softSeconds: number
}

/** The limits of `normal 0 0 0 slave 268435456 67108864 60 …`. */
export function outputLimits(text: string): Record<ClientClass, OutputLimit> {
  const words = text.split(' ')
  const limits = {} as Record<ClientClass, OutputLimit>
  for (let i = 0; i + 3 < words.length; i += 4) {
    const [hardBytes, softBytes, softSeconds] = words.slice(i + 1, i + 4).map(Number)
    limits[words[i] as ClientClass] = {
      hardBytes: hardBytes!,
      softBytes: softBytes!,
      softSeconds: softSeconds!,
    }
  }
  return limits
}

/** Classes that are not named keep their limits: so the text before is needed. */
export const outputLimitKind: Kind<string> = {
  read: (value, before) => {
    const words = value.split(/\s+/).filter(Boolean)
    if (words.length === 0 || words.length % 4 !== 0) {
      throw new BadValue('Wrong number of arguments in buffer limit configuration.')
    }
    const limits = outputLimits(before)
    for (let i = 0; i < words.length; i += 4) {
      const name = words[i]!.toLowerCase()
      const known = (name === 'replica' ? 'slave' : name) as ClientClass
      if (!CLIENT_CLASSES.includes(known)) {
        throw new BadValue('Invalid client class specified in buffer limit configuration.')
      }
      const [hardBytes, softBytes] = words.slice(i + 1, i + 3).map(memoryBytes)
      const softSeconds = smallInteger(words[i + 3]!)
      if (
        hardBytes === undefined ||
        softBytes === undefined ||
        softSeconds === undefined ||
        softSeconds < 0
      ) {
        throw new BadValue('Error in hard, soft or soft_seconds setting in buffer limit configuration.')
      }
      limits[known] = { hardBytes, softBytes, softSeconds }
    }
    return CLIENT_CLASSES.map((name) => {
      const { hardBytes, softBytes, softSeconds } = limits[name]
      return `${name} ${hardBytes} ${softBytes} ${softSeconds}`
    }).join(' ')
  },
  print: (value) => value,
}

/** The limits as lines of redis.conf, one a class. */
export function outputLimitLines(text: string): string[] {
  const limits = outputLimits(text)
  return CLIENT_CLASSES.map((name) => {
    const { hardBytes, softBytes, softSeconds } = limits[name]
    const shown = name === 'slave' ? 'replica' : name
    const bytes = [hardBytes, softBytes].map(writtenMemory).join(' ')
    return `client-output-buffer-limit ${shown} ${bytes} ${softSeconds}`
  })
}

/** Classes in the order in which Redis prints them; `A` stands for all of the first group. */
const EVENT_CLASSES = 'g$lshzxetd'
const OTHER_CLASSES = 'KEm'
/** New keys: in no group, and not printed behind `A`, though it counts there too. */
const NEW_KEYS = 'n'

export const keyspaceEventsKind: Kind<string> = {
  read: (value) => {
    const found = new Set<string>()
    for (const letter of value) {
      if (letter === 'A') for (const each of EVENT_CLASSES) found.add(each)
      else if ((EVENT_CLASSES + OTHER_CLASSES + NEW_KEYS).includes(letter)) found.add(letter)
      else throw new BadValue("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
    }
    const classes = [...EVENT_CLASSES].filter((letter) => found.has(letter))
    const isAll = classes.length === EVENT_CLASSES.length
    const all = (isAll ? 'A' : classes.join('')) + (found.has(NEW_KEYS) ? NEW_KEYS : '')
    return all + [...OTHER_CLASSES].filter((letter) => found.has(letter)).join('')
  },
  print: printedEvents,
  written: (value) => quoted(printedEvents(value)),
}

function printedEvents(value: string): string {
  return value.startsWith('A') ? value.replace(NEW_KEYS, '') : value
}

/** What SHUTDOWN takes as options, for signals. `default` is the same as none. */
const SHUTDOWN_WORDS = ['default', 'save', 'nosave', 'now', 'force'] as const

export const shutdownKind: Kind<string> = {
  read: (value) => {
    const words = value.toLowerCase().split(/\s+/).filter(Boolean)
    if (words.length === 0 || words.some((word) => !SHUTDOWN_WORDS.some((known) => known === word))) {
      throw new BadValue(`argument(s) must be one of the following: ${SHUTDOWN_WORDS.join(', ')}`)
    }
    if (words.includes('save') && words.includes('nosave')) {
      throw new BadValue("shutdown options SAVE and NOSAVE can't be used simultaneously")
    }
    const options = SHUTDOWN_WORDS.slice(1).filter((word) => words.includes(word))
    return options.length === 0 ? 'default' : options.join(' ')
  },
  print: (value) => value,
}

/** What a title of the process may name. */
export const TITLE_FIELDS = [
  ...['title', 'listen-addr', 'server-mode', 'port', 'tls-port', 'unixsocket', 'config-file'],
] as const

/** `{{` is a brace; the title itself may be nothing, and must not be all. */
export const titleKind: Kind<string> = {
  read: (value) => {
    const isField = (name: string) => TITLE_FIELDS.some((field) => field === name)
    const rest = value.replace(/\{\{|\{([^{}]*)\}/g, (whole, name) =>
      whole === '{{' || isField(name) ? '' : whole,
    )
    if (rest.includes('{') || value.replaceAll('{title}', '').trim() === '') {
      throw new BadValue('template format is invalid or contains unknown variables')
    }
    return value
  },
  print: (value) => value,
  written: quoted,
}

const PERCENTILES = 'latency-tracking-info-percentiles'

export const percentilesKind: Kind<string> = {
  read: (value) => {
    if (value === '') return value
    const numbers = value.split(' ').map((word) => {
      const number = floatOf(word)
      if (number === undefined) throw new BadValue(`Invalid ${PERCENTILES} parameters`)
      if (number >= 0 && number <= 100) return number
      throw new BadValue(`${PERCENTILES} parameters should sit between [0.0,100.0]`)
    })
    // Six decimals are kept, without their last zeros.
    return numbers.map((number) => String(Number(number.toFixed(6)))).join(' ')
  },
  print: (value) => value,
}

const WHOLE = integer(-INT_MAX - 1, INT_MAX)

export const oomScoresKind: Kind<string> = {
  read: (value) => {
    const words = value.split(/\s+/).filter(Boolean)
    if (words.length !== 3) throw new BadValue('wrong number of arguments')
    for (const word of words) {
      const score = WHOLE.read(word, 0)
      if (score < -2000 || score > 2000) {
        throw new BadValue('Invalid oom-score-adj-values, elements must be between -2000 and 2000.')
      }
    }
    return words.join(' ')
  },
  print: (value) => value,
}

/** `replicaof host port`; `no one` is nobody. */
export const masterKind: Kind<string> = {
  read: (value) => {
    const words = value.split(/\s+/).filter(Boolean)
    if (words.length === 0 || value.toLowerCase() === 'no one') return ''
    if (words.length !== 2) throw new BadValue('wrong number of arguments')
    const port = smallInteger(words[1]!)
    if (port === undefined || port < 0 || port > 65_535) throw new BadValue('Invalid master port')
    return words.join(' ')
  },
  print: (value) => value,
}

/** Redis moves values about in memory if its own allocator helps; where that is not there it refuses to. */
export const defragmentation: Kind<boolean> = {
  ...bool,
  read: (text, before) => {
    if (!bool.read(text, before)) return false
    throw new BadValue(
      'Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified ' +
        'Jemalloc like the one shipped by default with the Redis source distribution',
    )
  },
}

const OOM_SCORES = choice('no', 'yes', 'relative', 'absolute')

/** 'relative' is another name for 'yes'. */
export const oomScore: Kind<string> = {
  ...OOM_SCORES,
  read: (text, before) => {
    const word = OOM_SCORES.read(text, before)
    return word === 'relative' ? 'yes' : word
  },
}
