/**
 * ServerLog: what the reference server says of itself, in redis-server's lines, because tools wait for them.
 *
 *   12345:M 21 Nov 2026 12:00:00.123 * Ready to accept connections
 *   └ pid └ role                     └ . debug  - verbose  * notice  # warning
 *
 * Lines go to standard output, or to a file that is opened anew for each line, so that it may be moved away.
 */
import { appendFileSync } from 'node:fs'

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning'

const SIGNS: Readonly<Record<LogLevel, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' }
const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, verbose: 1, notice: 2, warning: 3 }

export class ServerLog {
  readonly #level: () => LogLevel
  readonly #path: string
  /** C: about to start; M, S: master, replica (slave). */
  role: 'C' | 'M' | 'S' = 'C'

  /**
   * @param path of the file; empty for standard output
   * @param level of what is told, as it is now
   * @throws Error where the file cannot be written
   */
  constructor(path: string, level: () => LogLevel) {
    this.#path = path
    this.#level = level
    this.#put('')
  }

  write(level: LogLevel, line: string): void {
    if (RANKS[level] < RANKS[this.#level()]) return
    this.#put(`${process.pid}:${this.role} ${logTime(new Date())} ${SIGNS[level]} ${line}\n`)
  }

  /** Text as it stands, without pid and time. */
  raw(level: LogLevel, text: string): void {
    if (RANKS[level] >= RANKS[this.#level()]) this.#put(text)
  }

  /** What Redis writes from within a signal handler, where it can tell no time. */
  fromSignal(line: string): void {
    this.#put(`${process.pid}:signal-handler (${Math.floor(Date.now() / 1000)}) ${line}\n`)
  }

  #put(text: string): void {
    if (this.#path !== '') appendFileSync(this.#path, text)
    else if (text !== '') process.stdout.write(text)
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function logTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${two(time.getDate())} ${MONTHS[time.getMonth()]} ${time.getFullYear()}`
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')
  return `${day} ${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`
}
