/**
 * Does `diff` find what is wrong? Faults are sown into copies of the reference server, one at a time, and the
 * scenario that should notice is played with a real server and the mutant.
 *
 *   npm run mutations              all faults (test/mutations/faults.ts)
 *   ONLY=GETACK npm run mutations  those whose name has this text
 *   JOBS=2                         mutants at a time
 *
 * First a copy without a fault must be equal in all these scenarios. Exits 1 where a fault survives, or where
 * a mutant does not even start.
 */
import { openSubject } from '../src/io/subject.ts'
import { FAULTS } from '../test/mutations/faults.ts'
import { Copy, differencesWithoutFault, type Finding, seek } from '../test/mutations/mutant.ts'

const { ONLY = '', JOBS = '4' } = process.env
const say = (line: string) => process.stdout.write(`${line}\n`)
const faults = FAULTS.filter(({ name }) => name.includes(ONLY))
const real = await openSubject('--a', 'real', [process.execPath], false)

const copies = Array.from({ length: Number(JOBS) }, () => new Copy())
process.on('exit', () => {
  for (const copy of copies) copy.remove()
})

const broken = await differencesWithoutFault(
  real,
  copies[0]!,
  faults.map(({ scenario }) => scenario),
  Number(JOBS),
)
for (const line of broken) say(`differs without a fault: ${line}`)
if (broken.length > 0) process.exit(1)

const findings: Finding[] = []
let next = 0
await Promise.all(
  copies.map(async (copy) => {
    while (next < faults.length) findings.push(tell(await seek(real, copy, faults[next++]!)))
  }),
)
const survivors = findings.filter(({ kind }) => kind !== 'found')
say(`${faults.length} faults, ${faults.length - survivors.length} found, ${survivors.length} not`)
process.exitCode = survivors.length > 0 ? 1 : 0

function tell(finding: Finding): Finding {
  const { fault, kind, shows } = finding
  say(`${kind.padEnd(8)}  ${fault.name}\n          ${fault.scenario}: ${shows}`)
  return finding
}
