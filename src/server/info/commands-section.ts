/** INFO commandstats and latencystats: how often each command ran, and how long it took. */
import type { ServerState } from '../server-state.ts'
import type { Field } from './field.ts'

export function commandSection(server: ServerState): Field[] {
  return [...server.table.everything()]
    .filter(({ calls, rejected, failed }) => calls + rejected + failed > 0)
    .map(({ name, calls, micros, rejected, failed }) => {
      const each = calls === 0 ? 0 : micros / calls
      return [
        `cmdstat_${name}`,
        `calls=${calls},usec=${Math.round(micros)},usec_per_call=${each.toFixed(2)},` +
          `rejected_calls=${rejected},failed_calls=${failed}`,
      ]
    })
}

export function latencySection(server: ServerState): Field[] {
  if (!server.settings.tracksLatency) return []
  const percentiles = server.settings
    .get<string>('latency-tracking-info-percentiles')
    .split(' ')
    .filter(Boolean)
  return [...server.table.everything()]
    .filter(({ latencies }) => latencies.samples > 0)
    .map(({ name, latencies }) => [
      `latency_percentiles_usec_${name}`,
      percentiles.map((p) => `p${p}=${latencies.percentile(Number(p)).toFixed(3)}`).join(','),
    ])
}
