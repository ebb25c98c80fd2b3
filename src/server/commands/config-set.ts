/**
 * CONFIG SET: all of its parameters are changed, or none.
 *
 *   read every value ─► set them ─► act upon them (Surroundings.reconfigure) ─► OK
 *                                        └─ cannot be ─► the values before, acted upon again ─► the error
 *
 * To listen elsewhere takes the system a moment: until it is known how that went, the client waits. Within
 * a transaction nobody can wait: it is OK, and what comes of it is in the log.
 *
 * Source: redis 7.0 `src/config.c`, configSetCommand.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Call } from '../call.ts'
import { BadValue, type ParameterValue } from '../config/kinds.ts'
import type { Parameter } from '../config/parameters.ts'
import { parameterOf } from '../config/settings.ts'
import { LOADING } from '../gate.ts'
import { Failure, OK, Refusal, type Reply, SYNTAX, shown } from '../replies.ts'
import type { BadChange } from '../server-state.ts'

/** They say where the dataset is read from. */
const NOT_WHILE_LOADING: ReadonlySet<string> = new Set(['dir', 'appendonly'])

/** Each of their changes waits until the one before is over: it may have to be taken back. */
const TAKES_A_MOMENT: ReadonlySet<string> = new Set(['port', 'bind'])

type Wanted = { readonly parameter: Parameter; readonly name: string; readonly text: string }
type Change = { readonly parameter: Parameter; readonly value: ParameterValue }

export function set(call: Call): Reply {
  const { session, argv, server } = call
  const changes = wantedBy(call).map(({ parameter, name, text }) => {
    return { parameter, value: parsed(call, parameter, name, text) }
  })
  let answer: Reply | undefined
  let isWaiting = false
  const end = (reply: Reply): void => {
    answer = reply
    // It may have been unblocked, or have gone.
    if (isWaiting && !session.isClosed && session.blockedIn === argv) server.blocked.end(session, reply)
  }
  if (changes.some(({ parameter }) => TAKES_A_MOMENT.has(parameter.name))) {
    server.slowChanges.add((done) =>
      change(call, changes, (reply) => {
        end(reply)
        done()
      }),
    )
  } else change(call, changes, end)
  if (answer instanceof Failure) throw new Refusal(answer.text)
  if (answer !== undefined) return answer
  isWaiting = true
  return call.block([], 0, OK)
}

function change(call: Call, changes: readonly Change[], end: (reply: Reply) => void): void {
  const { settings } = call.server
  const before = changes.map(({ parameter }) => ({ parameter, value: settings.get(parameter.name) }))
  make(call, changes, (bad) => {
    if (bad === undefined) end(OK)
    // Whatever comes of that, there is no way further back.
    else make(call, before, () => end(new Failure(failureText(bad.name, bad.why))))
  })
}

/** @throws Refusal */
function wantedBy(call: Call): Wanted[] {
  const { argv, server } = call
  if (argv.length % 2 !== 0) throw new Refusal(SYNTAX)
  const wanted: Wanted[] = []
  for (let i = 2; i < argv.length; i += 2) {
    const name = argv[i]!
    const parameter = parameterOf(name)
    if (parameter === undefined) {
      throw new Refusal(`ERR Unknown option or number of arguments for CONFIG SET - '${shown(name)}'`)
    }
    if (parameter.change === 'immutable') throw failed(name, "can't set immutable config")
    if (parameter.change === 'protected' && !mayChangeProtected(call)) {
      throw failed(name, "can't set protected config")
    }
    if (wanted.some((one) => one.parameter === parameter)) throw failed(name, 'duplicate parameter')
    wanted.push({ parameter, name, text: argv[i + 1]! })
  }
  const isEarly = server.isLoading && wanted.some(({ parameter }) => NOT_WHILE_LOADING.has(parameter.name))
  if (isEarly) throw new Refusal(LOADING)
  return wanted
}

function make({ server }: Call, changes: readonly Change[], done: (bad?: BadChange) => void): void {
  const { settings, surroundings } = server
  for (const { parameter, value } of changes) settings.set(parameter, value)
  const names = changes.map(({ parameter }) => parameter.name)
  server.configured(names)
  if (surroundings.reconfigure === undefined) done()
  else surroundings.reconfigure(names, done)
}

function parsed({ server }: Call, parameter: Parameter, name: string, text: string): ParameterValue {
  try {
    return server.settings.parse(parameter, text)
  } catch (error) {
    if (!(error instanceof BadValue)) throw error
    throw failed(name.toLowerCase(), error.why)
  }
}

function failed(name: string, why: string): Refusal {
  return new Refusal(failureText(name, why))
}

function failureText(name: string, why: string): ByteString {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}` as ByteString
}

function mayChangeProtected({ server, session }: Call): boolean {
  const allowed = server.settings.get<string>('enable-protected-configs')
  return allowed === 'yes' || (allowed === 'local' && session.isLocal)
}
