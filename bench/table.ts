/**
 * The rows as a Markdown table, aligned so that it also reads on a terminal; the README quotes it.
 */
import { isMet, type Row } from './scenario.ts'
import { SUBJECTS } from './subjects.ts'

export function table(rows: readonly Row[]): string {
  const head = ['scenario', 'measure', ...SUBJECTS, 'compared', 'bar', 'result']
  const cells = [head, ...rows.map(line)]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] as string).length)))
  const numeric = (column: number) => column >= 2 && column < 2 + SUBJECTS.length
  const pad = (text: string, column: number) =>
    numeric(column) ? text.padStart(widths[column] as number) : text.padEnd(widths[column] as number)
  const rule = widths.map((width, column) => '-'.repeat(width - 1) + (numeric(column) ? ':' : '-'))
  const [first, ...rest] = cells.map((row) => row.map(pad))
  return [first as string[], rule, ...rest].map((row) => `| ${row.join(' | ')} |\n`).join('')
}

function line(row: Row): string[] {
  const { score, bar } = row
  return [
    row.scenario,
    `${row.measure}, ${row.unit}`,
    ...SUBJECTS.map((name) => number(row.values[name])),
    score === undefined ? '' : `${number(score.value)} ${score.of}`.trim(),
    bar === undefined ? '' : `${bar.sense} ${bar.limit}${bar.unit === undefined ? '' : ` ${bar.unit}`}`,
    bar === undefined ? '' : isMet(row) ? 'pass' : 'FAIL',
  ]
}

/** Three significant digits, more only before the decimal point. */
function number(value: number | undefined): string {
  if (value === undefined) return ''
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2)
}
