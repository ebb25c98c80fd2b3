/**
 * `syncscope rdb VERB FILE…` where nothing but files follows the verb: such a call needs no parser.
 *
 * Loading yargs and declaring all verbs takes a tenth of a second, in which 50 MB of a snapshot are read; and
 * most calls are of this kind. What is said here are the defaults that rdb.ts declares. Whatever begins with
 * a hyphen, and whatever is wrong, is for yargs.
 */
type Verb = (files: readonly string[]) => Promise<number>

const VERBS: Readonly<Record<string, Verb | undefined>> = {
  check: async (files) => (await import('./rdb-check.ts')).runRdbCheck({ files, json: false }),
  keys: async (files) => (await import('./rdb-keys.ts')).runRdbKeys({ files, json: false }),
  json: async (files) => (await import('./rdb-json.ts')).runRdbJson({ files }),
  stats: async (files) => (await import('./rdb-stats.ts')).runRdbStats({ files, json: false, color: 'auto' }),
}

/** @returns what runs the verb and answers the exit status; undefined where the words must be parsed */
export function plainRdb([verb, name = '', ...files]: readonly string[]):
  | (() => Promise<number>)
  | undefined {
  const run = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (verb !== 'rdb' || run === undefined || files.length === 0 || !files.every(isFile)) return undefined
  return () => run(files)
}

function isFile(word: string): boolean {
  return word === '-' || (word !== '' && !word.startsWith('-'))
}
