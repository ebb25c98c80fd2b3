/** What is a secret, where it stands, and that it is taken out of requests and replies alike. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { KeptCommand } from '../../src/codec/resp/command.ts'
import { splitInline } from '../../src/codec/resp/inline.ts'
import type { RespValue } from '../../src/codec/resp/values.ts'
import { Conversation } from '../../src/replication/conversation.ts'
import { Secrets } from '../../src/replication/secrets.ts'
import { describe as textOf } from '../../src/sink/describe.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'
import { commandBytes } from '../support/playbook.ts'

const bytes = (text: string) => text as ByteString
const bulk = (text: string): RespValue => ({ type: 'bulk', value: bytes(text) })
const list = (...items: RespValue[]): RespValue => ({ type: 'array', length: items.length, items })
const shown = (text: string) => {
  const command = new KeptCommand(splitInline(text)!)
  return new Secrets().redact(command).argv().join(' ')
}

/** Everything that is told of what the two sides say: `>` from the client, `<` from the server. */
function told(...said: string[]): string {
  const lines: string[] = []
  const conversation = new Conversation({
    emit: (event) => lines.push(JSON.stringify(jsonEvent(event)), textOf(event)),
  })
  for (const line of said) {
    const text = line.slice(2)
    if (line.startsWith('>')) conversation.push('replica', commandBytes(text), 1)
    else conversation.push('master', Buffer.from(text, 'latin1'), 1)
  }
  return lines.join('\n')
}

const REQUIREPASS = '*2\r\n$11\r\nrequirepass\r\n$9\r\nhunter2hu\r\n'

describe('a secret in a request', () => {
  it.each([
    ['AUTH hunter2', 'AUTH (redacted)'],
    ['auth bob hunter2', 'auth bob (redacted)'],
    ['AUTH', 'AUTH'],
    ['HELLO 3 AUTH bob hunter2 SETNAME me', 'HELLO 3 AUTH bob (redacted) SETNAME me'],
    ['hello 3 setname me auth bob hunter2', 'hello 3 setname me auth bob (redacted)'],
    ['HELLO 3', 'HELLO 3'],
    ['CONFIG SET requirepass hunter2', 'CONFIG SET requirepass (redacted)'],
    ['config set RequirePass hunter2', 'config set RequirePass (redacted)'],
    ['CONFIG SET masterauth hunter2', 'CONFIG SET masterauth (redacted)'],
    ['CONFIG SET masteruser bob', 'CONFIG SET masteruser (redacted)'],
    ['CONFIG SET primaryauth hunter2', 'CONFIG SET primaryauth (redacted)'],
    ['CONFIG SET tls-key-file-pass hunter2', 'CONFIG SET tls-key-file-pass (redacted)'],
    ['CONFIG SET tls-client-key-file-pass hunter2', 'CONFIG SET tls-client-key-file-pass (redacted)'],
    ['CONFIG SET maxmemory 1 masterauth hunter2', 'CONFIG SET maxmemory 1 masterauth (redacted)'],
    ['CONFIG SET maxmemory masterauth', 'CONFIG SET maxmemory masterauth'],
    ['CONFIG GET requirepass', 'CONFIG GET requirepass'],
    ['ACL SETUSER bob on >hunter2 ~* +@all', 'ACL SETUSER bob on >(redacted) ~* +@all'],
    ['acl setuser bob <hunter2 #abcd !ef01', 'acl setuser bob <(redacted) #(redacted) !(redacted)'],
    ['ACL DELUSER >bob', 'ACL DELUSER >bob'],
    ['MIGRATE h 6379 k 0 100 AUTH hunter2', 'MIGRATE h 6379 k 0 100 AUTH (redacted)'],
    ['MIGRATE h 6379 "" 0 100 AUTH2 bob hunter2 KEYS a', 'MIGRATE h 6379  0 100 AUTH2 bob (redacted) KEYS a'],
    ['SENTINEL SET m auth-pass hunter2', 'SENTINEL SET m auth-pass (redacted)'],
    ['SET password hunter2', 'SET password hunter2'],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  // The head comment of secretsOfAcl promises it; no server accepts a password there, but a person may type one.
  it('inside a selector of ACL SETUSER', () => {
    expect(shown('ACL SETUSER bob "(>hunter2 ~x)"')).not.toContain('hunter2')
  })

  it('leaves other commands as the objects they are', () => {
    const command = new KeptCommand(splitInline('SET k v')!)
    expect(new Secrets().redact(command)).toBe(command)
    const auth = new KeptCommand(splitInline('AUTH hunter2')!)
    expect(new Secrets({ shown: true }).redact(auth)).toBe(auth)
  })

  it('does not change what was received', () => {
    const auth = new KeptCommand(splitInline('AUTH hunter2')!)
    const redacted = new Secrets().redact(auth)
    expect([redacted.argc, redacted.name]).toEqual([2, 'AUTH'])
    expect(auth.arg(1)).toBe('hunter2')
  })
})

describe('a secret in a reply', () => {
  it('is blotted out wherever it is repeated later', () => {
    const secrets = new Secrets()
    secrets.redact(new KeptCommand(splitInline('CONFIG SET requirepass hunter2hu')!))
    const reply = list(bulk('SLOWLOG'), list(bulk('CONFIG'), bulk('SET x hunter2hu y')))
    expect(JSON.stringify(secrets.redactReply(reply, undefined))).not.toContain('hunter2')
  })

  it('is told by --show-secrets', () => {
    const reply = list(bulk('requirepass'), bulk('hunter2hu'))
    const asked = new KeptCommand(splitInline('CONFIG GET requirepass')!)
    expect(new Secrets({ shown: true }).redactReply(reply, asked)).toBe(reply)
  })

  it('of CONFIG GET, ACL LIST, ACL GETUSER and ACL GENPASS is told redacted', () => {
    const hash = 'ab'.repeat(32)
    const replies: [string, string][] = [
      ['> CONFIG GET requirepass', `< ${REQUIREPASS}`],
      ['> CONFIG GET *', `< *4\r\n$3\r\ndir\r\n$4\r\n/tmp\r\n${REQUIREPASS.slice(4)}`],
      ['> CONFIG GET requirepass', '< %1\r\n$11\r\nrequirepass\r\n$9\r\nhunter2hu\r\n'],
      [
        '> ACL LIST',
        `< *1\r\n$77\r\nuser bob #${hash} on\r\n`.replace('$77', `$${'user bob # on'.length + 64}`),
      ],
      ['> ACL GETUSER bob', `< *2\r\n$9\r\npasswords\r\n*1\r\n$64\r\n${hash}\r\n`],
      ['> ACL GENPASS', `< $64\r\n${hash}\r\n`],
    ]
    for (const said of replies) {
      const text = told(...said)
      expect(text, said[0]).toContain('(redacted)')
      expect(text).not.toMatch(/hunter2|abab/)
    }
  })

  it('quoted in an error is not told, however short', () => {
    expect(
      told('> AUTH pw', '< -ERR unknown command `AUTH`, with args beginning with: `pw`, \r\n'),
    ).not.toMatch(/`pw/)
  })

  it('of another command keeps its words', () => {
    expect(told('> CONFIG GET dir', '< *2\r\n$3\r\ndir\r\n$4\r\n/tmp\r\n')).toContain('/tmp')
  })

  // Replies are matched with requests by counting. Where a request has no reply of its own (or several), the reply of
  // CONFIG GET is taken for another's, and the password in it is told.
  it('of CONFIG GET inside a transaction is told redacted', () => {
    const said = ['> MULTI', '> CONFIG GET requirepass', '> EXEC', `< +OK\r\n+QUEUED\r\n*1\r\n${REQUIREPASS}`]
    expect(told(...said)).not.toContain('hunter2')
  })
  it('of CONFIG GET after CLIENT REPLY SKIP is told redacted', () => {
    const said = ['> CLIENT REPLY SKIP', '> SET a b', '> CONFIG GET requirepass', `< ${REQUIREPASS}`]
    expect(told(...said)).not.toContain('hunter2')
  })
  it('of CONFIG GET pipelined behind a SUBSCRIBE of two channels is told redacted', () => {
    const message = (kind: string, left: number) => `*3\r\n+${kind}\r\n$1\r\na\r\n:${left}\r\n`
    const replies = `${message('subscribe', 1)}${message('subscribe', 2)}${message('unsubscribe', 1)}`
    const said = ['> SUBSCRIBE a b', '> UNSUBSCRIBE', '> CONFIG GET requirepass']
    expect(told(...said, `< ${replies}${message('unsubscribe', 0)}${REQUIREPASS}`)).not.toContain('hunter2')
  })
})

describe('secrets', () => {
  it('are remembered up to a bound, the newest', () => {
    const secrets = new Secrets()
    for (let i = 0; i < 10_000; i++) secrets.redact(new KeptCommand(['AUTH', `secret-${i}-`] as ByteString[]))
    const repeated = secrets.redactReply(bulk('secret-9999- secret-9800- secret-1-'), undefined)
    expect(repeated).toEqual(bulk('(redacted) (redacted) secret-1-'))
  })

  it('of any kind never reach text or JSON from a request', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/)
    const forms = [
      'AUTH {}',
      'AUTH u {}',
      'HELLO 3 AUTH u {}',
      'CONFIG SET masterauth {}',
      'ACL SETUSER u >{}',
    ]
    fc.assert(
      fc.property(secret, fc.constantFrom(...forms), (word, form) => {
        const text = told(`> ${form.replace('{}', word)}`, `< -ERR no such thing as '${word}'\r\n`)
        expect(text).not.toContain(word)
      }),
    )
  })
})
