/** All commands on keys as such, whatever they hold. */
import { dumpCommands } from './dump.ts'
import { expiryCommands } from './expiry.ts'
import { migrateCommands } from './migrate.ts'
import { movingCommands } from './moving.ts'
import { objectCommands } from './object.ts'
import { presenceCommands } from './presence.ts'
import { scanCommands } from './scan.ts'
import { sortCommands } from './sort.ts'

export const keyCommands = {
  ...presenceCommands,
  ...dumpCommands,
  ...expiryCommands,
  ...movingCommands,
  ...migrateCommands,
  ...scanCommands,
  ...sortCommands,
  ...objectCommands,
}
