/** Observations made by hand: messages of one lane, as few words as possible. */
import type { Fields, Message, Observation, Speaker } from '../../src/diff/message.ts'

/** A moment of 2026: what is near it is "now". */
export const NOW = 1_795_000_000_000

export function message(kind: string, fields: Fields, more: Partial<Message> = {}): Message {
  return { step: 0, lane: 'link r1', from: 'master', kind, fields, at: NOW, awaited: false, ...more }
}

export function command(text: string, start = 0, more: Partial<Message> = {}): Message {
  return message('command', { db: 0, argv: text.split(' '), start, end: start + text.length }, more)
}

export function request(from: Speaker, ...argv: readonly string[]): Message {
  return message('request', { argv: [...argv] }, { from })
}

export function observation(messages: readonly Message[], more: Partial<Observation> = {}): Observation {
  return { messages, role: 'master', ports: new Map(), base: 0, ...more }
}
