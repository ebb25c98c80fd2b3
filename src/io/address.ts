/**
 * Addresses as a user types them, and as we print them.
 *
 *   HOST:PORT   :PORT (this machine)   [::1]:PORT   unix:/path   redis://user:pass@host:port/db
 *
 * Not here: resolving, connecting. A password in a URL is kept apart and never printed.
 */

import type { Socket } from 'node:net'
import { UsageError } from '../usage-error.ts'

export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly login?: Login }
  | { readonly kind: 'unix'; readonly path: string }

/** Who to log in as, where the address was a URL that says so. */
export type Login = { readonly user: string; readonly password: string; readonly db: number }

const DEFAULT_PORT = 6379

/**
 * @param what what the address is for, for the error: "--master"
 * @throws UsageError naming the text (its password redacted) and the forms that are understood
 */
export function parseAddress(text: string, what: string): Address {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    if (path !== '') return { kind: 'unix', path }
  } else if (/^rediss:\/\//i.test(text)) {
    throw new UsageError(
      `${what}: TLS (rediss://) is not supported: put the proxy where the traffic is plain`,
    )
  } else if (/^redis:\/\//i.test(text)) {
    const address = parseUrl(text)
    if (address !== undefined) return address
  } else {
    const match = /^(?:\[([0-9a-f:.%a-z0-9]+)\]|([^:[\]/\s]*)):(\d{1,5})$/i.exec(text)
    const port = Number(match?.[3])
    if (match !== null && port <= 65535)
      return { kind: 'tcp', host: match[1] ?? (match[2] || '127.0.0.1'), port }
  }
  throw new UsageError(
    `${what}: "${withoutLogin(text)}" is no address: use HOST:PORT, :PORT, [::1]:PORT, unix:/path or redis://host:port`,
  )
}

/** What a user typed with all that may be a login taken out: everything up to the last `@` but the scheme. */
export function withoutLogin(text: string): string {
  return text.replace(/([a-z]+:\/\/)?\S*@/gi, '$1(redacted)@')
}

function parseUrl(text: string): Address | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const db = Number(url.pathname.slice(1) || '0')
  if (host === '' || !Number.isInteger(db)) return undefined
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  const login = { user: decoded(url.username), password: decoded(url.password), db }
  return login.user === '' && login.password === '' && db === 0
    ? { kind: 'tcp', host, port }
    : { kind: 'tcp', host, port, login }
}

/** A login as it was typed where its `%` are not those of a URL. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** An address as we print it. Never contains a login. */
export function addressText(address: Address): string {
  return address.kind === 'unix' ? `unix:${address.path}` : hostPort(address.host, address.port)
}

/** Both ends of a connected socket, as text; a unix socket's nameless end is called by its path. */
export function remoteText(socket: Socket, fallback: string): string {
  return endText(socket.remoteAddress, socket.remotePort, fallback)
}

/** Our end of it. */
export function localText(socket: Socket, fallback: string): string {
  return endText(socket.localAddress, socket.localPort, fallback)
}

function endText(host: string | undefined, port: number | undefined, fallback: string): string {
  return host === undefined ? fallback : hostPort(host.replace(/^::ffff:(?=\d+\.)/, ''), port ?? 0)
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
