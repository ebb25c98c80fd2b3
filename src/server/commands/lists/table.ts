/** All commands on lists, for the table of commands (server.ts). */
import { blockingListCommands } from './blocking.ts'
import { elementCommands } from './elements.ts'
import { pushingCommands } from './pushing.ts'

export const listCommands = { ...pushingCommands, ...elementCommands, ...blockingListCommands }
