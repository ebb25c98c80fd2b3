/**
 * CLIENT: connections seen as such. Killing and listing others is in client-others.ts, caching in
 * client-tracking.ts.
 *
 * Source: redis 7.0 `src/networking.c`, clientCommand.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { integerArgument, word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { clientLine } from '../client-line.ts'
import { type CommandSpec, defineCommands, NO_KEYS } from '../command-spec.ts'
import { OK, Refusal, type Reply, SILENCE, SYNTAX, shown, Verbatim, wrongArity } from '../replies.ts'
import type { Session } from '../session.ts'
import { otherClientsSubcommands } from './client-others.ts'
import { trackingSubcommands } from './client-tracking.ts'
import { CLIENT_HELP, helpCommand } from './help.ts'
import { millisTimeout } from './timeout.ts'

const BAD_NAME = 'ERR Client names cannot contain spaces, newlines or special characters.'

/** Gives a client its name; an empty one takes it away. @throws Refusal */
export function nameClient(session: Session, name: ByteString): void {
  if (/[^!-~]/.test(name)) throw new Refusal(BAD_NAME)
  session.name = name
}

function setName(call: Call): Reply {
  nameClient(call.session, call.argv[2]!)
  return OK
}

function reply(call: Call): Reply {
  const { session } = call
  switch (word(call.argv[2]!)) {
    case 'ON':
      session.replyMode = 'on'
      return OK
    case 'OFF':
      session.replyMode = 'off'
      return SILENCE
    case 'SKIP':
      if (session.replyMode !== 'off') session.replyMode = 'skip-next'
      return SILENCE
    default:
      throw new Refusal(SYNTAX)
  }
}

const INT64_END = 2 ** 63

function noEvict(call: Call): Reply {
  const answer = word(call.argv[2]!)
  if (answer !== 'ON' && answer !== 'OFF') throw new Refusal(SYNTAX)
  call.session.isSpared = answer === 'ON'
  return OK
}

function pause(call: Call): Reply {
  const { argv, server } = call
  if (argv.length > 4) throw new Refusal(badCall('PAUSE'))
  const mode = argv[3] === undefined ? 'ALL' : word(argv[3])
  if (mode !== 'ALL' && mode !== 'WRITE') throw new Refusal('ERR CLIENT PAUSE mode must be WRITE or ALL')
  const micros = millisTimeout(argv[2]!)
  // What leaves 64 bits has become a time long ago.
  if (call.now + micros / 1000 < INT64_END) {
    server.pause.begin('client', mode === 'ALL' ? 'all' : 'write', micros)
  }
  return OK
}

function unpause(call: Call): Reply {
  call.server.pause.end('client')
  return OK
}

function unblock(call: Call): Reply {
  const { argv, server } = call
  if (argv.length > 4) throw new Refusal(badCall(argv[1]!))
  const how = argv[3] === undefined ? 'TIMEOUT' : word(argv[3])
  if (how !== 'TIMEOUT' && how !== 'ERROR') {
    throw new Refusal('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
  }
  const target = server.sessions.get(integerArgument(argv[2]!))
  if (target === undefined) return 0
  const wasBlocked = server.blocked.unblock(target, how === 'ERROR' ? 'error' : 'timeout')
  // An error was replied while it ran: Redis counts it as its own.
  if (wasBlocked && how === 'ERROR') call.command.failed++
  return wasBlocked ? 1 : 0
}

function badCall(name: string): string {
  return `ERR unknown subcommand or wrong number of arguments for '${shown(name)}'. Try CLIENT HELP.`
}

const OWN = { flags: ['noscript', 'loading', 'stale'], keys: NO_KEYS, effect: 'none' } as const
const ADMIN = {
  flags: ['admin', 'noscript', 'loading', 'stale'],
  keys: NO_KEYS,
  effect: 'none',
} as const

const subcommands: Readonly<Record<string, CommandSpec>> = {
  id: { ...OWN, arity: 2, run: (call) => call.session.id },
  info: { ...OWN, arity: 2, run: (call) => new Verbatim('txt', `${clientLine(call.session)}\n`) },
  getname: { ...OWN, arity: 2, run: (call) => call.session.name || null },
  setname: { ...OWN, arity: 3, run: setName },
  reply: { ...OWN, arity: 3, run: reply },
  'no-evict': { ...ADMIN, arity: 3, run: noEvict },
  pause: { ...ADMIN, arity: -3, run: pause },
  unpause: { ...ADMIN, arity: 2, run: unpause },
  unblock: { ...ADMIN, arity: -3, run: unblock },
  help: helpCommand(CLIENT_HELP),
}

export const clientCommands = defineCommands({
  client: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: () => {
      throw new Refusal(wrongArity('client'))
    },
    subcommands: { ...subcommands, ...otherClientsSubcommands, ...trackingSubcommands },
  },
})
