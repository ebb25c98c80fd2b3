/**
 * CLIENT LIST and CLIENT KILL: which clients there are, and the end of some.
 *
 *   CLIENT KILL ip:port                     one, and an error if there is none
 *   CLIENT KILL TYPE pubsub SKIPME no …     all that every filter lets through; the answer is their number
 *
 * Source: redis 7.0 `src/networking.c`, clientCommand.
 */
import { integerArgument, word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { type ClientType, clientAddress, clientLine, clientType, localAddress } from '../client-line.ts'
import { type CommandSpec, NO_KEYS } from '../command-spec.ts'
import { OK, Refusal, type Reply, SYNTAX, shown, Verbatim } from '../replies.ts'
import type { Session } from '../session.ts'

const TYPES: Readonly<Record<string, ClientType>> = {
  NORMAL: 'normal',
  MASTER: 'master',
  REPLICA: 'replica',
  SLAVE: 'replica',
  PUBSUB: 'pubsub',
}

function typeNamed(name: string): ClientType {
  const type = TYPES[word(name)]
  if (type === undefined) throw new Refusal(`ERR Unknown client type '${shown(name)}'`)
  return type
}

function list(call: Call): Reply {
  const { argv, server } = call
  let shown = [...server.sessions.values()]
  if (argv.length > 2) {
    const filter = word(argv[2]!)
    if (filter === 'TYPE' && argv.length === 4) {
      const type = typeNamed(argv[3]!)
      shown = shown.filter((session) => clientType(session) === type)
    } else if (filter === 'ID' && argv.length > 3) {
      const ids = argv.slice(3).map((id) => integerArgument(id, 'ERR Invalid client ID'))
      shown = ids.flatMap((id) => server.sessions.get(id) ?? [])
    } else throw new Refusal(SYNTAX)
  }
  return new Verbatim('txt', shown.map((session) => `${clientLine(session)}\n`).join(''))
}

type Filter = (session: Session) => boolean

function filterOf(name: string, value: string): Filter {
  switch (word(name)) {
    case 'ID': {
      const id = integerArgument(value, 'ERR client-id should be greater than 0')
      if (id < 1) throw new Refusal('ERR client-id should be greater than 0')
      return (session) => session.id === id
    }
    case 'TYPE': {
      const type = typeNamed(value)
      return (session) => clientType(session) === type
    }
    case 'ADDR':
      return (session) => clientAddress(session) === value
    case 'LADDR':
      return (session) => localAddress(session) === value
    case 'USER':
      if (value !== 'default') throw new Refusal(`ERR No such user '${shown(value)}'`)
      return () => true
    default:
      throw new Refusal(SYNTAX)
  }
}

function kill(call: Call): Reply {
  const { argv, server, session: self } = call
  if (argv.length === 3) {
    const target = [...server.sessions.values()].find((session) => clientAddress(session) === argv[2])
    if (target === undefined) throw new Refusal('ERR No such client')
    end(target, self)
    return OK
  }
  const filters: Filter[] = []
  let skipsMe = true
  for (let i = 3; i <= argv.length; i += 2) {
    const [name, value] = [argv[i - 1]!, argv[i]]
    if (value === undefined) throw new Refusal(SYNTAX)
    if (word(name) === 'SKIPME') {
      const answer = word(value)
      if (answer !== 'YES' && answer !== 'NO') throw new Refusal(SYNTAX)
      skipsMe = answer === 'YES'
    } else filters.push(filterOf(name, value))
  }
  const targets = [...server.sessions.values()].filter(
    (session) => filters.every((matches) => matches(session)) && !(skipsMe && session === self),
  )
  for (const target of targets) end(target, self)
  return targets.length
}

/** Who kills itself is told so first. */
function end(target: Session, self: Session): void {
  if (target === self) self.closeAfterReply()
  else target.destroy()
}

const ADMIN = {
  flags: ['admin', 'noscript', 'loading', 'stale'],
  keys: NO_KEYS,
  effect: 'none',
} as const

/** For CLIENT. */
export const otherClientsSubcommands: Readonly<Record<string, CommandSpec>> = {
  list: { ...ADMIN, arity: -2, run: list },
  kill: { ...ADMIN, arity: -3, run: kill },
}
