/**
 * Writes docs/DIFFERENCES.md: how other versions replicate otherwise than Redis 7.0, from `syncscope diff`.
 *
 *   npm run differences       REDIS_SERVER (a Redis 7.0) is compared with each of REDIS_SERVERS
 *
 * Each difference is told once, with how many scenarios show it and one of them to look at.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { kindsOfDifference } from '../src/diff/kinds-of-difference.ts'
import { SCENARIOS } from '../src/diff/scenarios/index.ts'
import { runSuite } from '../src/diff/suite.ts'
import { servers } from '../src/io/redis-process.ts'
import { openSubject } from '../src/io/subject.ts'
import { systemClock } from '../src/io/system-clock.ts'

const FILE = fileURLToPath(new URL('../docs/DIFFERENCES.md', import.meta.url))
const JOBS = 4
const CELL_MAX = 90
/** Of a version that is far away, the most frequent. */
const ROWS_MAX = 100

const all = servers()
const base = all.find(({ flavour, version }) => flavour === 'redis' && version.startsWith('7.0'))
if (base === undefined) throw new Error('no Redis 7.0 among REDIS_SERVER and REDIS_SERVERS')
const others = all.filter((server) => server !== base && !server.version.startsWith('7.0'))

const parts = [
  `# How other versions replicate otherwise than ${base.name}`,
  '',
  `Made by \`npm run differences\`, not written by hand: ${SCENARIOS.length} scenarios of \`syncscope diff\` with ${base.name} and each of the others. A line is one`,
  'difference; offsets that only follow from another difference are left out. `syncscope diff --a real --b PATH --only NAME` shows it in its place.',
  '',
]
for (const server of others) {
  const a = await openSubject('--a', base.path, [process.execPath], false)
  const b = await openSubject('--b', server.path, [process.execPath], false)
  const outcomes = await runSuite(SCENARIOS, { a, b, clock: systemClock, isStrict: false, jobs: JOBS })
  const kinds = kindsOfDifference(outcomes)
  const equal = outcomes.filter(({ kind }) => kind === 'equal').length
  process.stdout.write(`${server.name}: ${equal} of ${outcomes.length} equal, ${kinds.length} differences\n`)
  parts.push(
    `## ${server.name}`,
    '',
    `${equal} of ${outcomes.length} scenarios are equal; ${kinds.length} differences in the others.`,
    '',
    `| scenarios | what differs | ${base.name} | ${server.name} | for example in |`,
    '| --- | --- | --- | --- | --- |',
    ...kinds
      .slice(0, ROWS_MAX)
      .map(({ what, a: left, b: right, scenarios }) =>
        ['', scenarios.length, cell(what), code(left), code(right), scenarios[0], ''].join(' | ').trim(),
      ),
    '',
    ...(kinds.length > ROWS_MAX ? [`And ${kinds.length - ROWS_MAX} more, in fewer scenarios.`, ''] : []),
  )
}
writeFileSync(FILE, parts.join('\n'))

function cell(text: string): string {
  const plain = text.replace(/[^\x20-\x7e→←…]/g, '?').replace(/\|/g, '\\|')
  return plain.length > CELL_MAX ? `${plain.slice(0, CELL_MAX)}…` : plain
}

function code(text: string): string {
  return `\`${cell(text).replace(/`/g, "'")}\``
}
