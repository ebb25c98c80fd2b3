/** All commands on keys as such, whatever they hold. */
import { expiryCommands } from './expiry.ts'
import { movingCommands } from './moving.ts'
import { objectCommands } from './object.ts'
import { presenceCommands } from './presence.ts'
import { scanCommands } from './scan.ts'

export const keyCommands = {
  ...presenceCommands,
  ...expiryCommands,
  ...movingCommands,
  ...scanCommands,
  ...objectCommands,
}
