/** What a replica answers is of the keys that were asked for, or it is no answer. */
import { expect, it } from 'vitest'
import { answerOf } from '../../src/shadow/question.ts'

const INFO = Buffer.from('role:slave\r\nmaster_replid:a\r\nslave_repl_offset:7\r\n')
const EXEC = [INFO, Buffer.from(''), [Buffer.from('1'), Buffer.from('0')], [Buffer.from('0'.repeat(40))], -2]
const QUESTION = { db: 3, keys: [{ key: 'k' as never, look: 'digest' as const }] }

it('is none where the database could not be selected, whatever EXEC answers', () => {
  expect(answerOf(QUESTION, ['OK', 'OK', EXEC])).toMatchObject({ offset: 7 })
  const refused = new Error('ERR DB index is out of range')
  expect(answerOf(QUESTION, [refused, 'OK', EXEC])).toBe('ERR DB index is out of range')
})
