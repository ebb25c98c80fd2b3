/** `syncscope rdb …`: work on snapshot files. How its verbs are declared; each has a file of its own. */
import type { Argv } from 'yargs'
import { runRdbCheck } from './rdb-check.ts'
import { runRdbJson } from './rdb-json.ts'
import { FILTER_OPTIONS } from './rdb-options.ts'

const ONE_OR_MORE = {
  array: true,
  type: 'string',
  demandOption: true,
  describe: 'snapshot files, gzipped or not; - is standard input',
} as const
const JSON_OPTION = { type: 'boolean', default: false, describe: 'JSON instead of text' } as const

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
      async (args) => done(await runRdbCheck(args)),
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
      async (args) => done(await runRdbJson(args)),
    )
    .demandCommand(1, 'rdb needs a verb: check, keys, json, stats, top')
}
