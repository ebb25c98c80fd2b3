/** The options of `syncscope diff`: how they are declared. */
import { ROLES } from '../diff/scenario.ts'
import { COLOR_OPTION, joined, last } from './session-options.ts'

/** As yargs is told. */
export const DIFF_OPTIONS = {
  a: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    default: 'real',
    describe: 'a server: real (REDIS_SERVER), reference, a path, or an address',
  },
  b: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    default: 'reference',
    describe: 'the server that it is compared with',
  },
  'allow-writes': {
    type: 'boolean',
    coerce: last<boolean>,
    default: false,
    describe: 'a server given by its address may be emptied and reconfigured',
  },
  role: {
    type: 'string',
    coerce: last<string>,
    choices: ROLES,
    describe: 'only scenarios in which the servers have this role',
  },
  only: {
    type: 'string',
    coerce: joined(','),
    requiresArg: true,
    describe: "only scenarios of these names: 'partial/*'",
  },
  list: { type: 'boolean', coerce: last<boolean>, default: false, describe: 'list them and play none' },
  random: {
    type: 'number',
    coerce: last<number>,
    requiresArg: true,
    default: 0,
    describe: 'so many random workloads besides (with --only none: alone)',
  },
  seed: { type: 'number', coerce: last<number>, requiresArg: true, describe: 'of the random workloads' },
  strict: {
    type: 'boolean',
    coerce: last<boolean>,
    default: false,
    describe: 'compare all as it is: ids, ports, times, sizes too',
  },
  jobs: {
    type: 'number',
    coerce: last<number>,
    requiresArg: true,
    describe: 'scenarios played at a time',
  },
  json: {
    type: 'boolean',
    coerce: last<boolean>,
    default: false,
    describe: 'one JSON object a scenario instead of text',
  },
  html: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: 'write a page with a sequence ladder for each side to this file',
  },
  color: COLOR_OPTION,
} as const

/** As yargs gives them. */
export type DiffArguments = {
  /** Two recorded sessions, compared instead of servers. */
  readonly sessions?: readonly string[] | undefined
  readonly a: string
  readonly b: string
  readonly allowWrites: boolean
  readonly role?: string | undefined
  readonly only?: string | undefined
  readonly list: boolean
  readonly random: number
  readonly seed?: number | undefined
  readonly strict: boolean
  readonly jobs?: number | undefined
  readonly json: boolean
  readonly html?: string | undefined
  readonly color: string
}
