/** All commands on streams, from a file for each kind of them. */
import { addingCommands } from './adding.ts'
import { claimingCommands } from './claiming.ts'
import { consumingCommands } from './consuming.ts'
import { describingCommands } from './describing.ts'
import { groupCommands } from './groups.ts'
import { pendingCommands } from './pending.ts'
import { rangingCommands } from './ranging.ts'

export const streamCommands = {
  ...addingCommands,
  ...claimingCommands,
  ...consumingCommands,
  ...describingCommands,
  ...groupCommands,
  ...pendingCommands,
  ...rangingCommands,
}
