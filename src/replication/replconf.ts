/** REPLCONF: pairs of options and values, in any number, in one command. */
import type { Command } from '../codec/resp/command.ts'

/** The pairs, names in lower case. Of an option that is repeated the last stays. */
export function optionsOf(command: Command): Map<string, string> {
  const options = new Map<string, string>()
  for (let i = 1; i + 1 < command.argc; i += 2) {
    const name = command.arg(i)
    const value = command.arg(i + 1)
    if (typeof name === 'string' && typeof value === 'string') options.set(name.toLowerCase(), value)
  }
  return options
}
