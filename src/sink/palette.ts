/** Colours by meaning. The only home of chalk. Without colour every function is the identity. */
import { Chalk } from 'chalk'

export type Paint = (text: string) => string

export type Palette = {
  readonly link: Paint
  readonly time: Paint
  readonly fromReplica: Paint
  readonly fromMaster: Paint
  readonly offset: Paint
  readonly state: Paint
  readonly note: Paint
  readonly good: Paint
  readonly bad: Paint
  readonly heading: Paint
}

export function palette(coloured: boolean): Palette {
  const chalk = new Chalk({ level: coloured ? 1 : 0 })
  return {
    link: chalk.bold,
    time: chalk.dim,
    fromReplica: chalk.cyan,
    fromMaster: chalk.green,
    offset: chalk.yellow,
    state: chalk.bold,
    note: chalk.dim,
    good: chalk.green,
    bad: chalk.red.bold,
    heading: chalk.bold,
  }
}
