/** ZSCAN. Source: redis 7.0 `src/db.c`, scanGenericCommand. */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import type { Reply } from '../../replies.ts'
import { doubleText } from '../../reply-encoder.ts'
import { cursorOf, scanOptions } from '../keys/scan.ts'

function zscan(call: Call): Reply {
  const [, key, cursorText] = call.argv as [ByteString, ByteString, ByteString]
  const cursor = cursorOf(cursorText)
  const value = call.find(key, 'zset')
  if (value === undefined) return ['0', []]
  const { count, matches } = scanOptions(call.argv.slice(3), false)
  const found: string[] = []
  const next = value.scan(cursor, count, ({ member, score }) => {
    if (matches === undefined || matches(member)) found.push(member, doubleText(score))
  })
  return [String(next), found]
}

export const scanningCommands = defineCommands({
  zscan: { arity: -3, flags: ['readonly'], keys: ONE_KEY, effect: 'none', run: zscan },
})
