/** What --show and --hide choose from. */
import { describe, expect, it } from 'vitest'
import { GROUPS, KINDS, Roles, Selection } from '../../src/sink/kinds.ts'
import { sample, samples } from '../support/sample-events.ts'

describe('kinds', () => {
  it('are all that can be printed, and each belongs to a group that can be named', () => {
    const printed = samples
      .map((event) => event.kind)
      .filter((kind) => kind !== 'snapshot-slice' && kind !== 'tally')
    expect([...KINDS].sort()).toEqual([...printed].sort())
    const roles = new Roles()
    for (const event of samples) expect(Object.keys(GROUPS)).toContain(roles.groupOf(event))
    for (const group of Object.keys(GROUPS)) expect(KINDS).not.toContain(group)
  })
})

describe('a request', () => {
  const request = sample('request')

  it('belongs to the handshake of a replica, or to the talk of a client', () => {
    const roles = new Roles()
    roles.groupOf({ ...sample('opened'), conn: 1, role: 'replica' })
    roles.groupOf({ ...sample('opened'), conn: 2, role: 'client' })
    roles.groupOf({ ...sample('opened'), conn: 3, role: 'unknown' })
    expect(roles.groupOf({ ...request, conn: 1, state: 'client' })).toBe('handshake')
    expect(roles.groupOf({ ...request, conn: 2, state: 'client' })).toBe('clients')
    expect(roles.groupOf({ ...request, conn: 3, state: 'client' })).toBe('clients')
    expect(roles.groupOf({ ...request, conn: 3, state: 'negotiating' })).toBe('handshake')
  })

  it('of a connection that is over belongs to nobody', () => {
    const roles = new Roles()
    roles.groupOf({ ...sample('opened'), role: 'client' })
    roles.groupOf(sample('closed'))
    expect(roles.groupOf({ ...request, state: 'client' })).toBe('handshake')
  })
})

describe('a selection', () => {
  it('shows everything where nothing is said', () => {
    const all = new Selection(undefined, [])
    expect(all.shows('acks', 'ack')).toBe(true)
    expect(all.names('acks', 'ack')).toBe(false)
  })

  it('shows only what is named, by group or by kind', () => {
    const some = new Selection(['acks', 'resync'], [])
    expect(some.shows('acks', 'ack')).toBe(true)
    expect(some.shows('handshake', 'resync')).toBe(true)
    expect(some.shows('handshake', 'reply')).toBe(false)
    expect(some.names('handshake', 'resync')).toBe(true)
  })

  it('hides what is named, even if it is shown, too', () => {
    const some = new Selection(['handshake'], ['reply'])
    expect(some.shows('handshake', 'reply')).toBe(false)
    expect(some.shows('handshake', 'request')).toBe(true)
    expect(new Selection(undefined, ['rdb']).shows('rdb', 'snapshot-end')).toBe(false)
  })
})
