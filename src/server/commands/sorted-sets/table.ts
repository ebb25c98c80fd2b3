/** All commands on sorted sets. */
import { addingCommands } from './adding.ts'
import { choosingCommands } from './choosing.ts'
import { combiningCommands } from './combining.ts'
import { poppingCommands } from './popping.ts'
import { rangingCommands } from './ranging.ts'
import { readingCommands } from './reading.ts'
import { removingCommands } from './removing.ts'

export const sortedSetCommands = {
  ...addingCommands,
  ...choosingCommands,
  ...combiningCommands,
  ...poppingCommands,
  ...rangingCommands,
  ...readingCommands,
  ...removingCommands,
}
