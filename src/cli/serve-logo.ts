/**
 * What `syncscope serve` shows when it starts on a terminal, or wherever always-show-logo asks for it: who it
 * is, where it listens, and its process id. Redis's own test suite reads the id here.
 *
 * Source: redis 7.0 `src/server.c`, redisAsciiArt.
 */
import { REDIS_VERSION } from '../server/persistence/snapshot-facts.ts'

const PICTURE = [
  '    .--------.    .---------.    ',
  '    | master |===>| replica |    ',
  "    '--------'\\   '---------'    ",
  '               \\  .---------.    ',
  '                =>| replica |    ',
  "                  '---------'    ",
]

/** Beside the picture, in the words that tools look for. */
export function logo(facts: { readonly port: number; readonly pid: number }): string {
  const words = [
    '',
    `Redis ${REDIS_VERSION} (syncscope serve) 64 bit`,
    'Running in standalone mode',
    `Port: ${facts.port}`,
    `PID: ${facts.pid}`,
  ]
  return `\n${PICTURE.map((part, i) => `${part}${words[i] ?? ''}`.trimEnd()).join('\n')}\n\n`
}
