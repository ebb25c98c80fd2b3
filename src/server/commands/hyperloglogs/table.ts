/**
 * Commands on strings as HyperLogLogs, declared; what they do stands in the files beside this one.
 *
 * Source: redis 7.0 `src/commands/*.json`, group hyperloglog.
 */
import { ALL_KEYS, defineCommands, NO_KEYS, ONE_KEY } from '../../command-spec.ts'
import { pfadd, pfcount, pfdebug, pfmerge } from './counting.ts'
import { pfselftest } from './self-test.ts'

export const hyperLogLogCommands = defineCommands({
  pfadd: {
    arity: -2,
    flags: ['write', 'denyoom', 'fast'],
    keys: ONE_KEY,
    effect: 'same',
    run: pfadd,
  },
  pfcount: { arity: -2, flags: ['readonly'], keys: ALL_KEYS, effect: 'same', run: pfcount },
  pfmerge: {
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: ALL_KEYS,
    // COMMAND GETKEYS wants a source too.
    findKeys: (argv) => (argv.length < 3 ? [] : argv.slice(1).map((_, i) => i + 1)),
    effect: 'same',
    run: pfmerge,
  },
  pfdebug: {
    arity: 3,
    flags: ['write', 'denyoom', 'admin'],
    keys: { first: 2, last: 2, step: 1 },
    effect: 'same',
    run: pfdebug,
  },
  pfselftest: { arity: 1, flags: ['admin'], keys: NO_KEYS, effect: 'none', run: pfselftest },
})
