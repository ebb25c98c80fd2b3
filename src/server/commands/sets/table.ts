/** All commands on sets, for the table of commands (server.ts). */
import { setAlgebraCommands } from './algebra.ts'
import { memberCommands } from './members.ts'
import { randomMemberCommands } from './random.ts'

export const setCommands = { ...memberCommands, ...randomMemberCommands, ...setAlgebraCommands }
