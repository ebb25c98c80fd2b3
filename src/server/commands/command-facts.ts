/**
 * CommandFacts: what COMMAND says of a command beyond its declaration here: ACL categories, tips, key
 * specifications, documentation.
 *
 * They are Redis 7.0's own words (BSD licence), taken from a real server by scripts/command-facts.ts;
 * read when somebody asks.
 */
import { createRequire } from 'node:module'
import { Members, Pairs, type Reply, Status } from '../replies.ts'

export type Tree = string | number | null | readonly Tree[] | { readonly [mark: string]: Tree }

export type CommandFacts = {
  readonly categories: readonly string[]
  readonly tips: readonly string[]
  readonly keySpecs: Tree
  readonly docs: Tree
}

let facts: Readonly<Record<string, CommandFacts>> | undefined

/** Undefined for a command that Redis 7.0 does not have. */
export function factsOf(name: string): CommandFacts | undefined {
  facts ??= createRequire(import.meta.url)('./command-facts.json') as Readonly<Record<string, CommandFacts>>
  return Object.hasOwn(facts, name) ? facts[name] : undefined
}

/** All names that Redis 7.0 knows, subcommands as `config|get`. */
export function knownNames(): string[] {
  factsOf('')
  return Object.keys(facts!)
}

export function replyOf(tree: Tree): Reply {
  if (tree === null || typeof tree === 'string' || typeof tree === 'number') return tree
  if (Array.isArray(tree)) return tree.map(replyOf)
  const [mark, content] = Object.entries(tree)[0] as [string, Tree]
  if (mark === '+') return new Status(content as string)
  const items = (content as readonly Tree[]).map(replyOf)
  return mark === '%' ? new Pairs(items) : new Members(items)
}
