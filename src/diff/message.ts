/**
 * What is observed of a subject: messages, each of a step of its scenario and of a lane.
 *
 *   step 3  ask: SET k v        lane "client"    → SET k v        ← OK
 *                               lane "link r1"   ← SELECT 0       ← SET k v
 *
 * A lane is one client, one connection of a link, or what was looked at (INFO, the dataset). Within a lane
 * the order is that of the wire, except that a reply stands under the request that it answers: how requests
 * and replies are pipelined is a matter of time. Between lanes there is no order.
 *
 * Nothing is left out here: times, ports and ids are in the fields as they were. What becomes of them is
 * said in rules.ts.
 */

import type { Json } from '../sink/json-bytes.ts'
import type { Role } from './scenario.ts'

export type Fields = { readonly [name: string]: Json }

/** Who said it: one of the sides of a link, a client, the server that it asked, or we who looked. */
export type Speaker = 'replica' | 'master' | 'client' | 'server' | 'observer'

export type Message = {
  /** Index of the step during which it passed, or which awaited it. */
  readonly step: number
  readonly lane: string
  readonly from: Speaker
  /** The kind of an event (docs/EVENTS.md), or one of ours: `info`, `role`, `key`, `digest`, `missing` … */
  readonly kind: string
  readonly fields: Fields
  /** Unix milliseconds: when it was seen. */
  readonly at: number
  /** A step waited for it: it is no accident of time that it came. */
  readonly awaited?: boolean
}

/** What a run of a scenario has shown. */
export type Observation = {
  readonly messages: readonly Message[]
  /** What the ports of this run are called: `subject`, `m1`. */
  readonly ports: ReadonlyMap<number, string>
  readonly role: Role
  /** The replication offset at which the subject stood when it began: 0 but for a server with a past. */
  readonly base: number
}

/** Text of a JSON value that is a string; anything else as JSON. */
export function plain(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
