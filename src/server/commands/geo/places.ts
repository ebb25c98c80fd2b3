/**
 * Places in sorted sets, and facts about them: GEOADD, GEOPOS, GEOHASH, GEODIST. The score of a place is the
 * number of its cell (geo/cells.ts), so all commands on sorted sets work on places too.
 *
 * Source: redis 7.0 `src/geo.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import { cellOf, numberOf, type Point, pointOf, STEP_MAX } from '../../geo/cells.ts'
import { distance } from '../../geo/distance.ts'
import { Double, NULL_ARRAY, Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { addMembers } from '../sorted-sets/adding.ts'
import { pointArgument, unitArgument } from './arguments.ts'

function geoadd(call: Call): Reply {
  const { argv } = call
  let at = 2
  const options = new Set<string>()
  for (; at < argv.length; at++) {
    const name = word(argv[at]!)
    if (name !== 'NX' && name !== 'XX' && name !== 'CH') break
    options.add(name)
  }
  if ((argv.length - at) % 3 !== 0 || (options.has('NX') && options.has('XX'))) throw new Refusal(SYNTAX)
  const words = ['zadd' as ByteString, ...argv.slice(1, at)]
  for (let i = at; i < argv.length; i += 3) {
    const cell = cellOf(pointArgument(argv[i]!, argv[i + 1]!), STEP_MAX)
    words.push(String(numberOf(cell)) as ByteString, argv[i + 2]!)
  }
  const reply = addMembers(call, words)
  if (call.changes > 0) call.propagate(words)
  return reply
}

function geopos(call: Call): Reply {
  const value = call.find(call.argv[1]!, 'zset')
  return call.argv.slice(2).map((member) => {
    const score = value?.score(member)
    return score === undefined ? NULL_ARRAY : pointReply(pointOf(score))
  })
}

export function pointReply({ longitude, latitude }: Point): Reply {
  return [new Double(longitude, plainText(longitude)), new Double(latitude, plainText(latitude))]
}

/** Up to 17 decimals, never an exponent, no zeros at the end. */
function plainText(value: number): string {
  return value.toFixed(17).replace(/\.?0+$/, '')
}

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz'
/** Eleven characters would need 55 bits; the last one is always the first of the alphabet. */
const HASH_CHARS = 10

function geohash(call: Call): Reply {
  const value = call.find(call.argv[1]!, 'zset')
  return call.argv.slice(2).map((member) => {
    const score = value?.score(member)
    return score === undefined ? null : hashOf(pointOf(score))
  })
}

/** As others write it: of the whole globe, in base 32. */
function hashOf(point: Point): string {
  const bits = numberOf(cellOf(point, STEP_MAX, 90))
  let text = ''
  for (let i = 1; i <= HASH_CHARS; i++) text += ALPHABET[Number((bits >> BigInt(52 - 5 * i)) & 31n)]
  return `${text}0`
}

function geodist(call: Call): Reply {
  const { argv } = call
  if (argv.length > 5) throw new Refusal(SYNTAX)
  const unit = argv.length === 5 ? unitArgument(argv[4]!) : 1
  const value = call.find(argv[1]!, 'zset')
  const [a, b] = [value?.score(argv[2]!), value?.score(argv[3]!)]
  return a === undefined || b === undefined ? null : distanceReply(distance(pointOf(a), pointOf(b)) / unit)
}

/** Also in RESP3 a distance is text. */
export function distanceReply(length: number): Reply {
  return length.toFixed(4)
}

const READING = { flags: ['readonly'], keys: ONE_KEY, effect: 'none' } as const

export const placeCommands = defineCommands({
  geoadd: { arity: -5, flags: ['write', 'denyoom'], keys: ONE_KEY, effect: 'own', run: geoadd },
  geopos: { ...READING, arity: -2, run: geopos },
  geohash: { ...READING, arity: -2, run: geohash },
  geodist: { ...READING, arity: -4, run: geodist },
})
