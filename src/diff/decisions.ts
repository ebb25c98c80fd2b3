/**
 * Where the reference server differs on purpose: data, so that the list can be read, counted and tested.
 *
 *   scenario × what the reference says there ─► why that is meant, and where it is written down
 *
 * A decision covers one first difference and no other: a scenario that parts earlier, or says something else
 * there, differs. When a difference has gone its line must go too; a test plays them all.
 */
import type { Row } from './compare.ts'
import type { Role, Scenario } from './scenario.ts'

export type Decision = {
  readonly scenario: string
  readonly role: Role
  /** Stands in the reference's message at the first difference. */
  readonly says: string
  readonly reason: string
}

const NO_ACL = { says: "unknown command 'ACL'", reason: 'ACL comes later (docs/SERVER.md)' }

export const DECISIONS: readonly Decision[] = [
  { scenario: 'handshake/auth-user', role: 'master', ...NO_ACL },
  { scenario: 'stream/access-rules', role: 'master', ...NO_ACL },
]

/** Why the first difference of a scenario is meant; undefined where it is not. */
export function decisionOn(
  { name, role }: Scenario,
  first: Row | undefined,
  reference: 'a' | 'b',
): string | undefined {
  const said = JSON.stringify(first?.[reference]?.fields ?? null)
  return DECISIONS.find((one) => one.scenario === name && one.role === role && said.includes(one.says))
    ?.reason
}
