/**
 * Where `syncscope serve` listens: the addresses of `bind` with the port, and the unix socket.
 *
 *   bind * -::*        everywhere, by IPv4 and, where there is any, IPv6
 *   bind 127.0.0.1 -::1        a minus forgives an address that this machine has not
 *
 * Source: redis 7.0 `src/server.c`, listenToPort.
 */
import { pathText } from '../bytes/byte-string.ts'
import type { Address } from '../io/address.ts'
import { type Listening, listenFor } from '../io/server-socket.ts'
import { systemWords } from '../io/system-words.ts'
import type { Connection, Peer } from '../ports.ts'
import type { Settings } from '../server/config/settings.ts'

type Listened = { readonly listening: Listening[]; readonly problems: string[] }

/** An address that is not there, or a protocol that this machine does not speak. */
const MISSING: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOTFOUND'])
const UNSPOKEN: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENOPROTOOPT'])

/** @returns also what went wrong, in Redis's words; then nothing should be served */
export async function listenAll(connect: (peer: Peer) => Connection, settings: Settings): Promise<Listened> {
  const port = settings.get<number>('port')
  const socket = pathText(settings.get('unixsocket'))
  const listening: Listening[] = []
  const problems: string[] = []
  const open = async (address: Address): Promise<NodeJS.ErrnoException | undefined> => {
    try {
      listening.push(await listenFor(connect, address, optionsOf(settings)))
      return undefined
    } catch (error) {
      return (error as Error).cause as NodeJS.ErrnoException
    }
  }
  for (const { host, isOptional } of port === 0 ? [] : hosts(settings)) {
    const error = await open({ kind: 'tcp', host, port })
    const { code = '' } = error ?? {}
    if (error === undefined || UNSPOKEN.has(code) || (isOptional && MISSING.has(code))) continue
    const why = `bind: ${systemWords(error)}`
    problems.push(`Warning: Could not create server TCP listening socket ${host}:${port}: ${why}`)
    problems.push(`Failed listening on port ${port} (TCP), aborting.`)
    break
  }
  if (socket !== '' && problems.length === 0) {
    const error = await open({ kind: 'unix', path: socket })
    if (error !== undefined) problems.push(`Failed opening Unix socket: bind: ${systemWords(error)}`)
  }
  if (listening.length + problems.length === 0) problems.push('Configured to not listen anywhere, exiting.')
  return { listening, problems }
}

function optionsOf(settings: Settings) {
  return {
    backlog: settings.get<number>('tcp-backlog'),
    unixMode: settings.get<number>('unixsocketperm'),
    keepAliveSeconds: () => settings.get<number>('tcp-keepalive'),
  }
}

function hosts(settings: Settings): { readonly host: string; readonly isOptional: boolean }[] {
  return settings
    .get<string>('bind')
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const host = word.replace(/^-/, '')
      return {
        host: host === '*' ? '0.0.0.0' : host === '::*' ? '::' : host,
        isOptional: word.startsWith('-'),
      }
    })
}

/** The name of the process, as proc-title-template makes it. */
export function processTitle(settings: Settings): string {
  const port = settings.get<number>('port')
  const [first = '*'] = settings.get<string>('bind').split(' ')
  const socket = settings.get<string>('unixsocket')
  const fields: Readonly<Record<string, string>> = {
    title: 'syncscope serve',
    'listen-addr': port === 0 ? socket : `${first}:${port}`,
    'server-mode': '',
    port: String(port),
    'tls-port': '0',
    unixsocket: socket,
    'config-file': '',
  }
  const template = settings.get<string>('proc-title-template')
  return template.replace(/\{([^{}]*)\}/g, (_, name) => fields[name] ?? '').trim()
}
