/**
 * Plays a scenario on a stage, step by step, and gives what was observed.
 *
 * A step whose awaited message does not come ends the scenario with a `missing` message: both subjects may
 * fail in the same way, and then they are equal. What the stage itself cannot do is an error of ours.
 */
import { NotApplicable, type Subject } from '../io/subject.ts'
import type { Clock } from '../ports.ts'
import type { Observation } from './message.ts'
import * as client from './play-client.ts'
import * as link from './play-link.ts'
import * as master from './play-master.ts'
import * as replica from './play-replica.ts'
import type { Scenario } from './scenario.ts'
import { type Attaches, Missing, Stage } from './stage.ts'
import { type Step, SUBJECT } from './step.ts'

/** No scenario is meant to take longer; whatever hangs ends here. */
const SCENARIO_MAX_MS = 60_000

/**
 * @param attaches how a replica is told of its master
 * @throws NotApplicable where the subject cannot be had as the scenario wants it
 */
export async function play(
  subject: Subject,
  scenario: Scenario,
  clock: Clock,
  attaches: Attaches = 'by configuration',
): Promise<Observation> {
  if (subject.isShared && scenario.role === 'pair') throw new NotApplicable('it is one server, not a pair')
  const stage = new Stage(subject, scenario, clock, attaches)
  try {
    await performed(stage)
    const messages = stage.journal.end()
    const base = stage.instances.get(SUBJECT)?.base ?? 0
    return { messages, role: scenario.role, ports: stage.ports, base }
  } finally {
    stage.journal.end()
    await stage.strike()
  }
}

async function performed(stage: Stage): Promise<void> {
  const { journal, scenario } = stage
  const end = journal.now + SCENARIO_MAX_MS * 1000
  try {
    await started(stage)
    for (const [index, step] of scenario.steps.entries()) {
      journal.step = index
      if (journal.now > end) throw new Missing(`the scenario takes longer than ${SCENARIO_MAX_MS / 1000} s`)
      await perform(stage, step)
    }
    await client.settle(stage, SUBJECT)
  } catch (error) {
    if (error instanceof NotApplicable) throw error
    // A server that is gone, say: that is something to be compared, not an error of ours.
    journal.write('scenario', 'observer', 'missing', { detail: (error as Error).message })
  }
}

/** A server that refuses its configuration differs from one that accepts it. */
async function started(stage: Stage): Promise<void> {
  try {
    await stage.set()
  } catch (error) {
    if (error instanceof NotApplicable) throw error
    const { cause, message } = error as Error
    if (!/did not start/.test(message)) throw error
    const [, directive, fault] = /^>>> '(.*)'\n(.*)$/m.exec(message) ?? []
    const why = directive === undefined ? (cause as Error).message : `${directive}: ${fault}`
    throw new Missing(`the server does not start: ${why}`)
  }
}

function perform(stage: Stage, step: Step): Promise<void> | void {
  switch (step.do) {
    case 'ask':
      return client.ask(stage, step)
    case 'send':
      return client.send(stage, step)
    case 'reply':
      return client.reply(stage, step)
    case 'until':
      return client.until(stage, step)
    case 'look':
      return client.look(stage, step)
    case 'pause':
      return stage.journal.pause(step.ms)
    case 'settle':
      return client.settle(stage, step.at, true)
    case 'restart':
      return stage.instance(step.at).restart(step.how)
    case 'start':
      return stage.start(step.at, step.config)
    case 'connect':
      return replica.connect(stage, step)
    case 'say':
      return replica.say(stage, step)
    case 'raw':
      return replica.raw(stage, step)
    case 'psync':
      return replica.psync(stage, step)
    case 'snapshot':
      return replica.snapshot(stage, step)
    case 'acknowledge':
      return replica.acknowledge(stage, step)
    case 'hear':
      return link.hear(stage, step)
    case 'cut':
      return link.cut(stage, step)
    case 'stall':
      return link.stall(stage, step)
    case 'accept':
      return master.accept(stage, step)
    case 'tell':
      return master.tell(stage, step)
    case 'give':
      return master.give(stage, step)
    case 'stream':
      return master.stream(stage, step)
    case 'door':
      return master.door(stage, step)
  }
}
