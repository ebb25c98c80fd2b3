/** Ways in which a secret could slip past the table of commands that carry one: each was a leak once. */
import { expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { KEEP } from '../../src/codec/resp/limits.ts'
import { Conversation } from '../../src/replication/conversation.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'

const HASH = 'a1'.repeat(32)

/** Everything that is said about requests and the replies to them. */
function said(requests: readonly (readonly string[])[], replies: string, before = ''): string {
  const lines: string[] = []
  const conversation = new Conversation({
    emit: (event) => lines.push(JSON.stringify(jsonEvent(event) ?? '')),
    keep: { ...KEEP, hash: true },
  })
  const asked = requests.map((words) => encodeCommand(words.map(fromText)))
  conversation.push('replica', Buffer.from(before), 0)
  for (const request of asked) conversation.push('replica', request, 0)
  conversation.push('master', Buffer.from(replies), 0)
  return lines.join('\n')
}

const bulks = (...texts: string[]) =>
  `*${texts.length}\r\n${texts.map((text) => `$${text.length}\r\n${text}\r\n`).join('')}`
const CONFIG_REPLY = bulks('maxmemory', '0', 'masterauth', 'hush-1')

it.each([
  ['too many arguments', [['AUTH', 'user', 'hush-1', 'more']], '-ERR wrong number\r\n'],
  [
    'a user name is missing',
    [['HELLO', '3', 'AUTH', 'hush-1']],
    "-ERR Syntax error in HELLO option 'AUTH'\r\n",
  ],
  ['AUTH2 without a user', [['MIGRATE', 'h', '1', '', '0', '9', 'AUTH2', 'hush-1']], '-ERR syntax error\r\n'],
  ['names and values shifted', [['CONFIG', 'SET', 'maxmemory', 'requirepass', 'hush-1']], '-ERR wrong\r\n'],
  [
    'an ACL rule torn apart',
    [['ACL', 'SETUSER', 'bob', '>', 'hush-1']],
    "-ERR Error in ACL SETUSER modifier 'hush-1': Syntax error\r\n",
  ],
  [
    'an ACL rule in a selector',
    [['ACL', 'SETUSER', 'bob', '(>hush-1 ~*)']],
    "-ERR Error in ACL SETUSER modifier '(>hush-1 ~*)': Syntax error\r\n",
  ],
  [
    'longer than what is held',
    [['ACL', 'SETUSER', 'bob', `>hush-1${'x'.repeat(70_000)}`]],
    `-ERR Error in ACL SETUSER modifier '>hush-1${'x'.repeat(500)}': Syntax error\r\n`,
  ],
  [
    'quoted in part',
    [['AUTH', `hush-1${'x'.repeat(200)}`]],
    `-ERR unknown command 'AUTH', with args beginning with: 'hush-1${'x'.repeat(120)}' \r\n`,
  ],
  [
    'quoted with its line end changed',
    [['AUTH', 'hush-1\nhush-2']],
    "-ERR unknown command 'AUTH', with args beginning with: 'hush-1 hush-2' \r\n",
  ],
  [
    'in a transaction',
    [['MULTI'], ['CONFIG', 'GET', '*'], ['ACL', 'LIST'], ['EXEC']],
    `+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n${CONFIG_REPLY}${bulks(`user bob on #${HASH} ~*`)}`,
  ],
  [
    'with replies left out',
    [
      ['CLIENT', 'REPLY', 'SKIP'],
      ['SET', 'a', 'b'],
      ['CONFIG', 'GET', '*'],
    ],
    CONFIG_REPLY,
  ],
  ['asked in capitals, answered so', [['CONFIG', 'GET', 'MASTERAUTH']], bulks('MASTERAUTH', 'hush-1')],
])('hides a secret: %s', (_, requests, replies) => {
  const text = said(requests, replies)
  expect(text).toContain('(redacted)')
  expect(text).not.toMatch(/hush|a1a1/)
})

it('hides what is revealed to a client whose requests are not understood', () => {
  const text = said([['CONFIG', 'GET', '*']], CONFIG_REPLY, '*five\r\n')
  expect(text).toContain('fault')
  expect(text).toContain('(redacted)')
  expect(text).not.toContain('hush')
})

it('hides no more than the secret of an error that quotes other things too', () => {
  const text = said([['AUTH', 'password']], '-WRONGPASS invalid username-pass or so; see auth\r\n')
  expect(text).toContain('WRONGPASS invalid username-pass or so; see auth')
})
