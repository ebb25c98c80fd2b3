/**
 * Who a client is: AUTH and HELLO. There is one user, `default`, whose password is requirepass; others
 * come with ACL.
 *
 * Source: redis 7.0 `src/acl.c` (authCommand), `src/networking.c` (helloCommand).
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { integerArgument, word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { REDIS_VERSION } from '../persistence/snapshot-facts.ts'
import { OK, Pairs, Refusal, type Reply, SYNTAX, shown } from '../replies.ts'
import { nameClient } from './client.ts'

const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.'
const NO_PASSWORD_SET =
  'ERR AUTH <password> called without any password configured for the default user. ' +
  'Are you sure your configuration is correct?'
const MUST_AUTHENTICATE =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> ' +
  '<pass> option can be used to authenticate the client and select the RESP protocol version at the same time'

/** @throws Refusal WRONGPASS */
function authenticate({ session, server }: Call, user: ByteString, password: ByteString): void {
  const { requirepass } = server.settings
  if (user !== 'default' || (requirepass !== '' && requirepass !== password))
    throw new Refusal(WRONG_PASSWORD)
  session.isAuthenticated = true
}

function auth(call: Call): Reply {
  const [, first, second] = call.argv
  if (call.argv.length > 3) throw new Refusal(SYNTAX)
  if (second === undefined && call.server.settings.requirepass === '') throw new Refusal(NO_PASSWORD_SET)
  authenticate(call, second === undefined ? DEFAULT : first!, second ?? first!)
  return OK
}

function hello(call: Call): Reply {
  const { argv, session, server } = call
  const version = argv[1] === undefined ? undefined : protocolVersion(argv[1])
  for (let i = 2; i < argv.length; i++) {
    const option = word(argv[i]!)
    const more = argv.length - 1 - i
    if (option === 'AUTH' && more >= 2) authenticate(call, argv[++i]!, argv[++i]!)
    else if (option === 'SETNAME' && more >= 1) nameClient(session, argv[++i]!)
    else throw new Refusal(`ERR Syntax error in HELLO option '${shown(argv[i]!)}'`)
  }
  if (session.isStranger) throw new Refusal(MUST_AUTHENTICATE)
  if (version !== undefined) session.resp = version
  return new Pairs([
    'server',
    'redis',
    'version',
    REDIS_VERSION,
    'proto',
    session.resp,
    'id',
    session.id,
    'mode',
    'standalone',
    'role',
    server.isReplica ? 'replica' : 'master',
    'modules',
    [],
  ])
}

function protocolVersion(text: string): 2 | 3 {
  const version = integerArgument(text, 'ERR Protocol version is not an integer or out of range')
  if (version !== 2 && version !== 3) throw new Refusal('NOPROTO unsupported protocol version')
  return version
}

const DEFAULT = 'default' as ByteString
const FLAGS = ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'] as const

export const authenticationCommands = defineCommands({
  auth: { arity: -2, flags: FLAGS, keys: NO_KEYS, effect: 'none', run: auth },
  hello: { arity: -1, flags: FLAGS, keys: NO_KEYS, effect: 'none', run: hello },
})
