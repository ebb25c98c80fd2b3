/**
 * What do these bytes begin with? Asked of the first bytes of a captured segment, which mostly is where a
 * message begins.
 *
 *   *3 $8 REPLCONF $3 ACK …   ack           +FULLRESYNC …   $EOF:… $229 REDIS0009    resync
 *   *1 $4 PING                command       +OK  :1  $3 foo  *0  %2                  reply
 *   *2 $3 GET …               read          PING\r\n                                 text
 *   \n \n                     newline       anything else                            other
 *
 * A piece out of the middle of a long value may look like anything: one answer is a hint, side-finder.ts
 * weighs them.
 */

/** The bytes that are looked at: enough for every answer. */
const LOOK = 128

/** `read`: a command that is asked, and never propagated. `handshake`: what only a replica says. */
export type MessageStart =
  | 'ack'
  | 'getack'
  | 'handshake'
  | 'command'
  | 'read'
  | 'resync'
  | 'reply'
  | 'newline'
  | 'text'
  | 'other'

/** Commands that no master propagates: most of what clients and monitoring tools say first or say often. */
const READS = new Set(
  (
    'AUTH HELLO CLIENT CONFIG INFO COMMAND CLUSTER DBSIZE ECHO QUIT RESET MONITOR SUBSCRIBE PSUBSCRIBE ' +
    'UNSUBSCRIBE WATCH UNWATCH DISCARD WAIT WAITAOF ROLE TIME LASTSAVE SLOWLOG LATENCY MEMORY ACL DEBUG READONLY READWRITE ASKING ' +
    'GET MGET STRLEN EXISTS TTL PTTL TYPE KEYS SCAN RANDOMKEY OBJECT DUMP GETRANGE GETBIT BITCOUNT ' +
    'HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HSCAN LRANGE LLEN LINDEX SMEMBERS SISMEMBER SCARD SSCAN ' +
    'ZRANGE ZREVRANGE ZRANGEBYSCORE ZSCORE ZCARD ZRANK ZCOUNT ZSCAN XRANGE XREVRANGE XLEN XREAD XINFO'
  ).split(' '),
)
const HANDSHAKE = new Set(['PSYNC', 'SYNC', 'REPLCONF'])
/** Inline commands that Redis knows, so that no other protocol of lines is taken for it. */
const INLINE =
  /^(?:PING|SYNC|PSYNC \S+ -?\d+|REPLCONF .*|AUTH .*|INFO.*|SELECT \d+|HELLO.*|QUIT|ECHO .*)\r?$/i

const COMMAND = /^\*(\d{1,7})\r\n\$(\d{1,3})\r\n([A-Za-z][A-Za-z0-9._|-]*)\r\n(?:\$\d+\r\n([A-Za-z]+))?/
const REPLY = new RegExp(
  [
    String.raw`^(?:[+-][\x20-\x7e]*\r\n`,
    String.raw`:[+-]?\d+\r\n`,
    String.raw`\$(?:-1|\d{1,9})\r\n`,
    String.raw`[*%~>](?:-1|\d{1,7})\r\n`,
    String.raw`_\r\n|#[tf]\r\n|,[-+.\deinfa]+\r\n)`,
  ].join('|'),
)
const RESYNC =
  /^(?:\+(?:FULLRESYNC|CONTINUE|RDBCHANNELSYNC|DUALCHANNELSYNC)\b|\$EOF:|\$\d+\r\n(?:REDIS|VALKEY)\d)/i

export function messageStart(bytes: Buffer): MessageStart {
  const text = bytes.toString('latin1', 0, LOOK)
  const lead = /^[\r\n]+/.exec(text)?.[0].length ?? 0
  if (lead === text.length) return 'newline'
  const first = lead === 0 ? text : text.slice(lead)
  const command = COMMAND.exec(first)
  if (command !== null) return commandStart(command)
  if (RESYNC.test(first)) return 'resync'
  if (REPLY.test(first)) return 'reply'
  const line = /^[\x20-\x7e\t]+/.exec(first)?.[0] ?? ''
  if (line.length === first.length || /^\r?\n/.test(first.slice(line.length))) {
    return INLINE.test(line) ? inlineStart(line) : line === '' ? 'other' : 'text'
  }
  return 'other'
}

function commandStart([, , length, name, option]: RegExpExecArray): MessageStart {
  if (name!.length !== Number(length)) return 'other'
  const command = name!.toUpperCase()
  if (command === 'REPLCONF') {
    const word = option?.toUpperCase()
    return word === 'ACK' ? 'ack' : word === 'GETACK' ? 'getack' : 'handshake'
  }
  if (HANDSHAKE.has(command)) return 'handshake'
  return READS.has(command) ? 'read' : 'command'
}

function inlineStart(line: string): MessageStart {
  return HANDSHAKE.has(line.split(' ')[0]!.toUpperCase()) ? 'handshake' : 'read'
}

/** Protocols that are no Redis, by what their connections (or, of TLS, their records) begin with. */
export type Stranger = 'TLS' | 'HTTP' | 'SSH' | 'silent' | 'other'

const HTTP =
  /^(?:(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE) \S+ HTTP\/1|HTTP\/1\.[01] \d|PRI \* HTTP\/2)/

/** The protocol that these bytes tell, if it is one that we know by its looks. */
export function strangerStart(bytes: Buffer): Stranger | undefined {
  const [type = 0, major, minor = 255, high = 255] = bytes
  if (type >= 0x14 && type <= 0x17 && major === 3 && minor <= 4 && high <= 0x48) return 'TLS'
  const text = bytes.toString('latin1', 0, 2048)
  if (text.startsWith('SSH-')) return 'SSH'
  return HTTP.test(text) ? 'HTTP' : undefined
}
