/** All scenarios. A test holds this list complete. */
import type { Scenario } from '../scenario.ts'
import { handshakePlain } from './handshake/plain.ts'

export const SCENARIOS: readonly Scenario[] = [handshakePlain]
