/**
 * Writes docs/DIFFERENCES.md: how other versions replicate otherwise than Redis 7.0, from `syncscope diff`.
 *
 *   npm run differences       REDIS_SERVER (a Redis 7.0) is compared with each of REDIS_SERVERS
 *
 * What a version does otherwise in many scenarios (its RDB version, fields of INFO) is told once; then each
 * scenario has one line: the first difference that is its own.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SCENARIOS } from '../src/diff/scenarios/index.ts'
import { runSuite } from '../src/diff/suite.ts'
import { servers } from '../src/io/redis-process.ts'
import { openSubject } from '../src/io/subject.ts'
import { systemClock } from '../src/io/system-clock.ts'
import { differencesText } from './differences-text.ts'

const FILE = fileURLToPath(new URL('../docs/DIFFERENCES.md', import.meta.url))
const JOBS = 4

const all = servers()
const base = all.find(({ flavour, version }) => flavour === 'redis' && version.startsWith('7.0'))
if (base === undefined) throw new Error('no Redis 7.0 among REDIS_SERVER and REDIS_SERVERS')
const others = all.filter((server) => server !== base && !server.version.startsWith('7.0'))
if (others.length === 0) throw new Error('no other versions: REDIS_SERVERS says which')

const versions = []
for (const server of others) {
  const a = await openSubject('--a', base.path, [process.execPath], false)
  const b = await openSubject('--b', server.path, [process.execPath], false)
  const outcomes = await runSuite(SCENARIOS, { a, b, clock: systemClock, isStrict: false, jobs: JOBS })
  versions.push({ name: server.name, outcomes })
  process.stdout.write(`${server.name}: played\n`)
}
writeFileSync(FILE, differencesText(base.name, versions))
