/**
 * The effects law: what was published, applied to an empty dataset, gives the same dataset.
 *
 * Random commands of all types (support/command-lines.ts) from several clients, some of which wait for what
 * others push, on a clock that goes on between them, so that keys expire under way; every effect is applied
 * to a second server as soon as it is published, as a replica would. FUZZ_ROUNDS makes it long.
 */
import { describe, expect, it } from 'vitest'
import { CommandLines, DATA_GROUPS, payloads } from '../support/command-lines.ts'
import { SEEDING } from '../support/command-words.ts'
import { mulberry32 } from '../support/every-split.ts'
import { type Reference, type ReferenceClient, startReference } from '../support/reference.ts'
import { StandingClock } from '../support/standing-clock.ts'

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 30)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
const LINES = 300
const CLIENTS = 4
const CYCLE_EVERY = 20

/** Applies what `master` publishes to `replica`, and notes what was refused there. */
function follow(master: Reference, replica: Reference): { client: ReferenceClient; refused: string[] } {
  const client = replica.client()
  const { state } = replica.server
  state.replication.master.target = { host: 'nowhere', port: 1 }
  // The words come from a client of the test, not over a link.
  state.settings.read('replica-read-only', 'no')
  const refused: string[] = []
  master.server.state.effects.subscribe(({ effects }) => {
    for (const { db, argv } of effects) {
      client.session.db = state.databases[db]!
      const words = argv.map((word) => Buffer.from(word, 'latin1'))
      const reply = state.execution.run('master', () => client.command(...words))
      if (reply?.type === 'error') refused.push(`${argv.join(' ')} → ${reply.value}`)
    }
  })
  return { client, refused }
}

describe('the effects law', () => {
  const maker = new CommandLines(DATA_GROUPS, payloads(), false)

  it('holds for all types and commands', { timeout: 60_000 + ROUNDS * 500 }, () => {
    const broken: string[] = []
    let published = 0
    for (let round = 0; round < ROUNDS; round++) {
      const seed = SEED * 1_000_003 + round * LINES
      const random = mulberry32(seed)
      const clock = new StandingClock()
      const [master, copy] = [startReference({ clock, seed }), startReference({ clock, seed: seed + 1 })]
      const replica = follow(master, copy)
      const clients = Array.from({ length: CLIENTS }, () => master.client())
      for (const words of SEEDING) clients[0]!.command(...words)
      for (let i = 0; i < LINES; i++) {
        let at = Math.floor(random() * CLIENTS)
        if (clients[at]!.session.isBlocked) at = clients.findIndex(({ session }) => !session.isBlocked)
        // All wait: one of them goes.
        if (at < 0) {
          clients[0]!.session.closed()
          at = 0
          clients[0] = master.client()
        }
        for (const line of maker.lines(seed + i)) {
          clients[at]!.command(...line)
          clients[at]!.inbox.length = 0
        }
        clock.goOn(Math.floor(random() ** 4 * 2_000_000))
        if (i % CYCLE_EVERY === 0) master.server.state.expiry.turn(100_000)
      }
      for (const client of clients) client.session.closed()
      const asker = master.client()
      const [ours, theirs] = [asker.command('DEBUG', 'DIGEST'), replica.client.command('DEBUG', 'DIGEST')]
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) broken.push(`round ${round}: digests differ`)
      broken.push(...replica.refused.map((line) => `round ${round}: ${line}`))
      published += master.effects.length
    }
    expect(broken).toEqual([])
    expect(published).toBeGreaterThan(ROUNDS * 50)
  })
})
