/** All commands on sets. */
import { setAlgebraCommands } from './algebra.ts'
import { memberCommands } from './members.ts'
import { randomMemberCommands } from './random.ts'

export const setCommands = { ...memberCommands, ...randomMemberCommands, ...setAlgebraCommands }
