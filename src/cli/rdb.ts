/**
 * `syncscope rdb …`: work on snapshot files. How its verbs are declared; each has a file of its own.
 *
 * The files are loaded when their verb is called: a small snapshot is read faster than all modules are
 * loaded.
 */
import type { Argv } from 'yargs'
import { isStandardInput } from '../io/file-input.ts'
import { fieldsHelp } from '../rdb/row-template.ts'
import { FILTER_OPTIONS } from './rdb-options.ts'
import { COLOR_OPTION, last } from './session-options.ts'

/** What main.ts puts in place of `-`, because yargs drops that, becomes what the user typed. */
const typed = (path: string): string => (isStandardInput(path) ? '-' : path)

const ONE_OR_MORE = {
  array: true,
  coerce: (paths: readonly string[]) => paths.map(typed),
  type: 'string',
  demandOption: true,
  describe: 'snapshot files, gzipped or not; - is standard input',
} as const
const ONE = {
  type: 'string',
  coerce: typed,
  demandOption: true,
} as const
const JSON_OPTION = { type: 'boolean', default: false, describe: 'JSON instead of text' } as const

const TOP_OPTIONS = {
  by: {
    choices: ['bytes', 'items', 'prefix'],
    default: 'bytes',
    coerce: last<string>,
    describe: 'what makes a key large',
  },
  n: { type: 'string', default: '20', coerce: last<string>, requiresArg: true, describe: 'how many' },
  separator: {
    type: 'string',
    default: ':',
    coerce: last<string>,
    requiresArg: true,
    describe: 'what a prefix ends with',
  },
  depth: {
    type: 'string',
    default: '1',
    coerce: last<string>,
    requiresArg: true,
    describe: 'how many parts a prefix may have',
  },
  json: JSON_OPTION,
  color: COLOR_OPTION,
} as const

const DIFF_OPTIONS = {
  strict: {
    type: 'boolean',
    default: false,
    describe: 'encodings, and when consumers were last seen, are differences too',
  },
  limit: {
    type: 'string',
    default: '100',
    requiresArg: true,
    describe: 'how many differences are shown; all are counted',
  },
  json: { type: 'boolean', default: false, describe: 'one JSON object a line' },
} as const

const CONVERT_OPTIONS = {
  to: { choices: ['resp', 'rdb'], demandOption: true, describe: 'commands, or a snapshot' },
  output: { alias: 'o', type: 'string', requiresArg: true, describe: 'a file (default: standard output)' },
  'rdb-version': {
    type: 'string',
    requiresArg: true,
    default: '10',
    describe: 'with rdb: 6 Redis 2.6, 7 3.2, 8 4.0, 9 5.0, 10 7.0, 11 7.2 and Valkey, 12 7.4',
  },
  'target-version': {
    type: 'string',
    requiresArg: true,
    default: '7.0',
    describe: 'with resp: who shall understand the commands: 6.0, 7.4, valkey-8.1',
  },
  lossy: { type: 'boolean', default: false, describe: 'what cannot be carried over is no failure' },
} as const

/** Adds the verbs to `rdb`. @param done is told the exit status of the one that ran */
export function rdbVerbs(rdb: Argv, done: (status: number) => void): Argv {
  return rdb
    .command(
      'check <files..>',
      'decode and checksum whole files; tell what is damaged, where, and what is good before it',
      (verb) =>
        verb
          .positional('files', ONE_OR_MORE)
          .option('json', JSON_OPTION)
          .example('$0 rdb check dump.rdb', 'exit status 1 if it is damaged')
          .example('ssh db1 cat dump.rdb.gz | $0 rdb check -', 'as it comes over the network'),
      async (args) => done(await (await import('./rdb-check.ts')).runRdbCheck(args)),
    )
    .command(
      'keys <files..>',
      'the keys, one line each, without their values',
      (verb) =>
        verb
          .positional('files', ONE_OR_MORE)
          .options(FILTER_OPTIONS)
          .option('format', {
            type: 'string',
            coerce: last<string>,
            requiresArg: true,
            describe: `a row: ${fieldsHelp()}`,
          })
          .option('json', { ...JSON_OPTION, describe: 'snapshot-key events, one JSON object a line' })
          .example("$0 rdb keys dump.rdb --match 'session:*' --expires none", 'sessions that never end')
          .example("$0 rdb keys dump.rdb --format '{bytes}\\t{key}' | sort -n", 'your own columns'),
      async (args) => done(await (await import('./rdb-keys.ts')).runRdbKeys(args)),
    )
    .command(
      'json <files..>',
      'every key with its value, one JSON object a line',
      (verb) =>
        verb
          .positional('files', ONE_OR_MORE)
          .options(FILTER_OPTIONS)
          .example("$0 rdb json dump.rdb --match 'user:*'", 'the values of some keys')
          .example('$0 rdb json dump.rdb --type zset --bytes 1mb..', 'the large sorted sets'),
      async (args) => done(await (await import('./rdb-json.ts')).runRdbJson(args)),
    )
    .command(
      'stats <files..>',
      'a snapshot on one screen: keys, elements, bytes, expiry by type; median, p99 and maximum',
      (verb) =>
        verb
          .positional('files', ONE_OR_MORE)
          .options({ json: JSON_OPTION, color: COLOR_OPTION })
          .example('$0 rdb stats dump.rdb', 'what is in there')
          .example('$0 rdb stats shard-*.rdb --json', 'one object a file'),
      async (args) => done(await (await import('./rdb-stats.ts')).runRdbStats(args)),
    )
    .command(
      'top <files..>',
      'the largest keys, or the prefixes that take the most',
      (verb) =>
        verb
          .positional('files', ONE_OR_MORE)
          .options(TOP_OPTIONS)
          .example('$0 rdb top dump.rdb --by items -n 5', 'the longest collections')
          .example('$0 rdb top dump.rdb --by prefix --depth 2', 'who fills the memory'),
      async (args) => done(await (await import('./rdb-top.ts')).runRdbTop(args)),
    )
    .command(
      'diff <first> <second>',
      'keys that are only in one of two snapshots, and what the others differ in first; 1 if anything does',
      (verb) =>
        verb
          .positional('first', { ...ONE, describe: 'a snapshot file, gzipped or not; - is standard input' })
          .positional('second', { ...ONE, describe: 'the other' })
          .options(DIFF_OPTIONS)
          .example('$0 rdb diff master.rdb replica.rdb', 'do they hold the same')
          .example(
            '$0 rdb diff before.rdb after.rdb --json --limit 1000000',
            'every difference, for a program',
          ),
      async (args) => done(await (await import('./rdb-diff.ts')).runRdbDiff(args)),
    )
    .command(
      'convert <file>',
      'commands that rebuild a snapshot, or the same snapshot for servers of another version',
      (verb) =>
        verb
          .positional('file', { ...ONE, describe: 'a snapshot file, gzipped or not; - is standard input' })
          .options(CONVERT_OPTIONS)
          .example('$0 rdb convert dump.rdb --to resp | redis-cli --pipe', 'into a server that is empty')
          .example('$0 rdb convert dump.rdb --to rdb --rdb-version 9 -o old.rdb', 'for Redis 5.0 to 6.2'),
      async (args) => done(await (await import('./rdb-convert.ts')).runRdbConvert(args)),
    )
    .demandCommand(1, 'rdb needs a verb: check, keys, json, stats, top, diff, convert')
}
