/**
 * The command line: which verbs there are, their options, and what the exit status says.
 * The only home of yargs, which is loaded where there is something to parse.
 *
 * Exit status: 0 done; 1 done, and a difference, fault or failed check was found; 2 wrong usage or an
 * environment error, said in one line on stderr.
 */
import { withoutLogin } from '../io/address.ts'
import { STANDARD_INPUT } from '../io/file-input.ts'
import { UsageError } from '../usage-error.ts'
import { plainRdb } from './rdb-plain.ts'

const EXIT_USAGE = 2
const VERBS = ['proxy', 'decode', 'replay', 'diff', 'demo', 'rdb', 'serve']

/** @param argv without node and script @returns the exit status */
export async function main(argv: readonly string[]): Promise<number> {
  // Its arguments are redis-server's, not ours.
  if (argv[0] === 'serve') return await (await import('./serve.ts')).serve(argv.slice(1))
  return plainRdb(argv)?.() ?? parsed(argv)
}

async function parsed(argv: readonly string[]): Promise<number> {
  const { default: yargs } = await import('yargs')
  const { DECODE_OPTIONS, joined, last, PAST_OPTIONS, REPLAY_OPTIONS, SESSION_OPTIONS, VERIFY_OPTIONS } =
    await import('./session-options.ts')
  const { DIFF_OPTIONS } = await import('./diff-options.ts')
  const { STRIPPABLE } = await import('../replication/capa-stripper.ts')
  const { rdbVerbs } = await import('./rdb.ts')
  const { VERSION } = await import('./version.ts')
  let status = 0
  // yargs drops a lone "-" where files are listed, and makes an empty string of it elsewhere.
  const parser = yargs(argv.map((word) => (word === '-' ? STANDARD_INPUT : word)))
    .scriptName('syncscope')
    .usage('$0 <verb>: shows, records, replays and checks Redis replication')
    .command(
      'proxy',
      'sit between replicas and a master; carry every byte untouched; show what passes',
      (verb) =>
        verb
          .options({
            master: {
              type: 'string',
              coerce: last<string>,
              demandOption: true,
              requiresArg: true,
              describe: 'address of the master',
            },
            listen: {
              type: 'string',
              coerce: last<string>,
              default: ':6380',
              requiresArg: true,
              describe: 'where replicas connect',
            },
            record: {
              type: 'string',
              coerce: last<string>,
              requiresArg: true,
              describe:
                'write the session to this file (pcapng: Wireshark, tcpdump, syncscope decode, replay)',
            },
            'strip-capa': {
              type: 'string',
              coerce: joined(','),
              requiresArg: true,
              describe: `take capabilities out of what replicas say: ${STRIPPABLE.join(',')}`,
            },
            ...VERIFY_OPTIONS,
            link: {
              type: 'number',
              coerce: last<number>,
              requiresArg: true,
              describe: '--verify: which link; the first that syncs by default',
            },
            ...SESSION_OPTIONS,
          })
          .example('$0 proxy --master :6379', 'then: redis-cli -p 6381 replicaof 127.0.0.1 6380')
          .example('$0 proxy --master db1:6379 --json --hide acks,pings', 'events for a program')
          .example('$0 proxy --master :6379 --verify', 'does the replica hold what it should?'),
      async (args) => {
        status = await (await import('./proxy.ts')).runProxy(args)
      },
    )
    .command(
      'decode <files..>',
      'the same view from a capture (pcap, pcapng, gzipped or not) or a recording',
      (verb) =>
        verb
          .positional('files', {
            type: 'string',
            array: true,
            demandOption: true,
            describe: 'in order; - is standard input',
          })
          .options({ ...DECODE_OPTIONS, ...PAST_OPTIONS, ...VERIFY_OPTIONS, ...SESSION_OPTIONS })
          .example('$0 decode incident.pcapng.gz --link 2', 'one replica; the summary lists all')
          .example('tcpdump -U -i any -w - port 6379 | $0 decode -', 'shown as it arrives')
          .example('$0 decode s.pcapng --at 10250 --rdb-out then.rdb', 'the dataset as it was')
          .example('$0 decode s.pcapng --history user:1', 'what became of one key'),
      async (args) => {
        status = await (await import('./decode.ts')).runDecode(args)
      },
    )
    .command(
      'replay <file>',
      'play one side of a recorded session to a live peer, or apply its data to a server',
      (verb) =>
        verb
          .positional('file', { type: 'string', demandOption: true, describe: 'a recording or a capture' })
          .options({ ...REPLAY_OPTIONS, ...SESSION_OPTIONS })
          .example('$0 replay s.pcapng --as master --listen :6380', 'redis-cli replicaof 127.0.0.1 6380')
          .example('$0 replay s.pcapng --as replica --to db1:6379', 'what does this master answer?')
          .example('$0 replay s.pcapng --apply :6379', 'snapshot and commands into an empty server'),
      async (args) => {
        status = await (await import('./replay.ts')).runReplay(args)
      },
    )
    .command(
      'diff [sessions..]',
      'play scenarios with two servers and compare what they say, or compare two recorded sessions',
      (verb) =>
        verb
          .positional('sessions', { type: 'string', array: true, describe: 'two captures or recordings' })
          .options(DIFF_OPTIONS)
          .example('$0 diff --a real --b reference', 'does the reference replicate as Redis does?')
          .example("$0 diff --a ./old --b ./new --only 'partial/*' --html d.html", 'before an upgrade')
          .example('$0 diff before.pcapng after.pcapng', 'two recorded sessions'),
      async (args) => {
        status = await (await import('./diff.ts')).runDiff(args)
      },
    )
    .command(
      'demo',
      'a whole session on one screen, in a few seconds',
      (verb) =>
        verb
          .options({
            real: { type: 'boolean', describe: 'with redis-server instead of the reference' },
            ...SESSION_OPTIONS,
          })
          .example('$0 demo', 'two reference servers: nothing else is needed')
          .example('$0 demo --json', 'the same session as events for a program'),
      async (args) => {
        status = await (await import('./demo.ts')).runDemo(args)
      },
    )
    .command('rdb', 'work on snapshot files', (verb) => rdbVerbs(verb, (exit) => (status = exit)))
    .command('serve', 'the reference server: a Redis 7.0 that can be read')
    .demandCommand(1, 'a verb is needed')
    .strict()
    .recommendCommands()
    .detectLocale(false)
    .help()
    .alias('help', 'h')
    .version(VERSION)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message: string | undefined, error: Error | undefined) => {
      if (error !== undefined && error.name !== 'YError') throw error
      const why = withoutLogin((message ?? error?.message ?? '').replace(/\s+/g, ' '))
      throw new UsageError(`${why} (syncscope ${verbOf(argv)}--help shows what there is)`)
    })
  await parser.parseAsync()
  return status
}

function verbOf(argv: readonly string[]): string {
  const verb = VERBS.find((name) => argv[0] === name)
  return verb === undefined ? '' : `${verb} `
}

/** One line for whoever started us; a bug of ours keeps its stack. */
export function complain(error: unknown): void {
  const text =
    error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`syncscope: ${text}\n`)
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status
  },
  (error) => {
    complain(error)
    process.exitCode = EXIT_USAGE
  },
)
