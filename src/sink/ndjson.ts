/** One JSON object a line (json-event.ts), for programs. */
import type { ReplEvent } from '../replication/events.ts'
import { commandLine } from './command-line.ts'
import type { Filter } from './filter.ts'
import { jsonEvent, jsonLine } from './json-event.ts'
import { Roles, type Selection } from './kinds.ts'
import type { Sink } from './sink.ts'

export class NdJson implements Sink {
  readonly #roles = new Roles()
  readonly #write: (line: string) => void
  readonly #selection: Selection
  readonly #filter: Filter

  constructor(write: (line: string) => void, selection: Selection, filter: Filter) {
    this.#write = write
    this.#selection = selection
    this.#filter = filter
  }

  event(event: ReplEvent): void {
    const group = this.#roles.groupOf(event)
    if (!this.#selection.shows(group, event.kind) || !this.#filter(event)) return
    if (event.kind === 'command') {
      this.#write(commandLine(event))
      return
    }
    const json = jsonEvent(event)
    if (json !== undefined) this.#write(jsonLine(json))
  }

  end(): void {}
}
