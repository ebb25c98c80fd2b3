/**
 * LatencyMonitor: events that took longer than latency-monitor-threshold: when, and how long. The last
 * 160 of each kind of event.
 *
 * Several within a second are one, the longest. Source: redis 7.0 `src/latency.c`.
 */
const SAMPLES_MAX = 160

export type LatencySample = { readonly at: number; ms: number }
export type LatencyEvent = { readonly samples: LatencySample[]; maxMs: number }

export class LatencyMonitor {
  readonly events = new Map<string, LatencyEvent>()

  /** @param at unix seconds */
  note(name: string, at: number, ms: number): void {
    let event = this.events.get(name)
    if (event === undefined) this.events.set(name, (event = { samples: [], maxMs: 0 }))
    event.maxMs = Math.max(event.maxMs, ms)
    const last = event.samples.at(-1)
    if (last?.at === at) last.ms = Math.max(last.ms, ms)
    else event.samples.push({ at, ms })
    if (event.samples.length > SAMPLES_MAX) event.samples.shift()
  }

  /** Forgets events: those named, or all. @returns how many were forgotten */
  reset(names: readonly string[]): number {
    const wanted = names.length === 0 ? [...this.events.keys()] : names
    return wanted.filter((name) => this.events.delete(name)).length
  }
}
