/** All commands on sets, from a file for each kind of them. */
import { setAlgebraCommands } from './algebra.ts'
import { memberCommands } from './members.ts'
import { randomMemberCommands } from './random.ts'

export const setCommands = { ...memberCommands, ...randomMemberCommands, ...setAlgebraCommands }
