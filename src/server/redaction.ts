/**
 * Redaction: commands as MONITOR and SLOWLOG show them, without what their clients say who they are.
 *
 *   AUTH replicator hunter2  ─►  AUTH (redacted) (redacted)
 *
 * Passwords are found by the rules of replication/secrets.ts. A server hides the names of users, too.
 *
 * Source: redis 7.0, the calls of redactClientCommandArgument.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { KeptCommand } from '../codec/resp/command.ts'
import { mayCarrySecret, REDACTED, Secrets } from '../replication/secrets.ts'

const SECRETS = new Secrets()

/** The words that may be shown: the same object where all of them may. */
export function redacted(argv: readonly ByteString[]): readonly ByteString[] {
  const name = argv[0]!.toUpperCase()
  if (!mayCarrySecret(name)) return argv
  const shown = SECRETS.redact(new KeptCommand(argv)).argv() as readonly ByteString[]
  return shown.map((word, i) => (isUser(name, argv, i) ? REDACTED : word))
}

function isUser(name: string, argv: readonly ByteString[], i: number): boolean {
  if (name === 'AUTH') return i === 1
  const before = i < 2 ? '' : argv[i - 1]!.toUpperCase()
  return (name === 'HELLO' && before === 'AUTH') || (name === 'MIGRATE' && before === 'AUTH2')
}
