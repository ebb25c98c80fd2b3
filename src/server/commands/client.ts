/**
 * CLIENT: connections seen as such.
 *
 * Source: redis 7.0 `src/networking.c`, clientCommand.
 */
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { Refusal, wrongArity } from '../replies.ts'
import { trackingSubcommands } from './client-tracking.ts'

export const clientCommands = defineCommands({
  client: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: () => {
      throw new Refusal(wrongArity('client'))
    },
    subcommands: trackingSubcommands,
  },
})
