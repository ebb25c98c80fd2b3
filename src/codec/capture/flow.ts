/**
 * Flow keys: who sends to whom, as one string that is cheap to make and to look up.
 *
 *   source address(4|16)  target address(4|16)  source port(2)  target port(2)        one char per byte
 *
 * These bytes lie side by side in the headers, so a key is two copies. The key of the other direction is
 * the same with its halves exchanged. Interfaces and VLAN tags are left out on purpose: a packet that was
 * captured twice on its way through one machine is then a retransmission, which does no harm.
 */
import { addressText } from './address.ts'

/** A host's address and its TCP port. */
export type Endpoint = { readonly host: string; readonly port: number }

/** As people write it: `10.0.0.1:6379`, `[::1]:6379`. */
export function endpointText({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const PORTS = 4

/**
 * @param addresses index of source and target address in `header`. @param tcp index of the ports in
 * `bytes`.
 */
export function flowKey(
  header: Buffer,
  addresses: { readonly start: number; readonly length: number },
  bytes: Buffer,
  tcp: number,
): string {
  const { start, length } = addresses
  // Without IP options all of it lies in one piece.
  if (header === bytes && start + 2 * length === tcp) return bytes.toString('latin1', start, tcp + PORTS)
  return header.toString('latin1', start, start + 2 * length) + bytes.toString('latin1', tcp, tcp + PORTS)
}

/** The key of the opposite direction. */
export function reversed(key: string): string {
  const half = (key.length - PORTS) / 2
  const ports = 2 * half
  return (
    key.slice(half, ports) +
    key.slice(0, half) +
    key.slice(ports + 2, ports + 4) +
    key.slice(ports, ports + 2)
  )
}

/** Sender and receiver of a flow. */
export function endpointsOf(key: string): { readonly from: Endpoint; readonly to: Endpoint } {
  const bytes = Buffer.from(key, 'latin1')
  const length = key.length === 2 * 4 + PORTS ? 4 : 16
  return {
    from: { host: addressText(bytes, 0, length), port: bytes.readUInt16BE(2 * length) },
    to: { host: addressText(bytes, length, length), port: bytes.readUInt16BE(2 * length + 2) },
  }
}
