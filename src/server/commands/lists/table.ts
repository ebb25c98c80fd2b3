/** All commands on lists, from a file for each kind of them. */
import { blockingListCommands } from './blocking.ts'
import { elementCommands } from './elements.ts'
import { pushingCommands } from './pushing.ts'

export const listCommands = { ...pushingCommands, ...elementCommands, ...blockingListCommands }
