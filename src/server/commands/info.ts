/**
 * INFO: everything the server knows about itself, in Redis's sections and fields.
 *
 * Source: redis 7.0 `src/server.c`, genRedisInfoString.
 */
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { commandSection, latencySection } from '../info/commands-section.ts'
import { keyspaceSection, persistenceSection } from '../info/dataset-section.ts'
import type { Field } from '../info/field.ts'
import { memorySection } from '../info/memory-section.ts'
import { replicationSection } from '../info/replication-section.ts'
import { clientsSection, cpuSection, serverSection } from '../info/server-section.ts'
import { errorSection, statsSection } from '../info/stats-section.ts'
import { type Reply, Verbatim } from '../replies.ts'
import type { ServerState } from '../server-state.ts'

type Section = {
  readonly title: string
  readonly fields: (server: ServerState) => Field[]
  /** Shown where no section is named. */
  readonly isDefault: boolean
}

const SECTIONS: Readonly<Record<string, Section>> = {
  server: { title: 'Server', fields: serverSection, isDefault: true },
  clients: { title: 'Clients', fields: clientsSection, isDefault: true },
  memory: { title: 'Memory', fields: memorySection, isDefault: true },
  persistence: { title: 'Persistence', fields: persistenceSection, isDefault: true },
  stats: { title: 'Stats', fields: statsSection, isDefault: true },
  replication: { title: 'Replication', fields: replicationSection, isDefault: true },
  cpu: { title: 'CPU', fields: cpuSection, isDefault: true },
  modules: { title: 'Modules', fields: () => [], isDefault: true },
  commandstats: { title: 'Commandstats', fields: commandSection, isDefault: false },
  errorstats: { title: 'Errorstats', fields: errorSection, isDefault: true },
  latencystats: { title: 'Latencystats', fields: latencySection, isDefault: false },
  cluster: { title: 'Cluster', fields: () => [['cluster_enabled', 0]], isDefault: true },
  keyspace: { title: 'Keyspace', fields: keyspaceSection, isDefault: true },
}
/** Names that stand for all of them. */
const EVERYTHING: ReadonlySet<string> = new Set(['all', 'everything'])

function info(call: Call): Reply {
  const names = call.argv.slice(1).map((name) => name.toLowerCase())
  const wantsAll = names.some((name) => EVERYTHING.has(name))
  const wantsDefault = names.length === 0 || names.includes('default')
  const told = Object.entries(SECTIONS).filter(
    ([name, { isDefault }]) => wantsAll || (wantsDefault && isDefault) || names.includes(name),
  )
  const text = told.map(([, section]) => {
    const lines = section.fields(call.server).map(([name, value]) => `${name}:${value}\r\n`)
    return `# ${section.title}\r\n${lines.join('')}`
  })
  return new Verbatim('txt', text.join('\r\n'))
}

export const infoCommands = defineCommands({
  info: { arity: -1, flags: ['loading', 'stale'], keys: NO_KEYS, effect: 'none', run: info },
})
