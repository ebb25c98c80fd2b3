/**
 * What `syncscope serve` shows of itself once it listens: a picture where somebody looks, a line elsewhere.
 *
 * The texts beside the picture are redis-server's (`Port: N`, `PID: N`): tools look for them. The picture is
 * an oscilloscope, as the name of the project has it.
 *
 * Source: redis 7.0 `src/server.c`, redisAsciiArt, for when the logo is shown and what it says.
 */
import { REDIS_VERSION } from '../server/persistence/snapshot-facts.ts'

const PICTURE = [
  '    .---------------------.',
  '   /  .-----------------.  \\',
  '  |  /    .              \\  |',
  '  | |    / \\       .      | |',
  '  | |   /   \\     / \\   . | |',
  "  | |--'     \\   /   '-' \\| |",
  '  | |         \\_/         | |',
  '  |  \\                   /  |',
  "   \\  '-----------------'  /",
  "    '---------------------'",
]
const COLUMN = 34

/** The picture with the texts beside it. */
export function logo(port: number, pid: number): string {
  const texts: Readonly<Record<number, string>> = {
    2: `Redis ${REDIS_VERSION} (syncscope/0) 64 bit`,
    4: 'Running in standalone mode',
    5: `Port: ${port}`,
    6: `PID: ${pid}`,
    8: 'a Redis that can be read',
  }
  const lines = PICTURE.map((line, i) => `${line.padEnd(COLUMN)}${texts[i] ?? ''}`.trimEnd())
  return `${lines.join('\n')}\n\n`
}
