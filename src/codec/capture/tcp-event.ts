/**
 * What TCP connections in a capture say: two ordered byte streams each, and what is missing from them.
 *
 *   opened ─► { bytes | gap | notice | finished }… ─► closed
 *
 * Bytes and gaps of one direction are in order and without overlap: adding up their lengths gives the
 * position in that direction's stream. Between the directions the order is that of the capture, as far as
 * the capture tells it: a reply does not come before the request that it acknowledges.
 */
import type { Micros } from './capture-event.ts'
import type { Endpoint } from './flow.ts'

/**
 * 0: from the side that opened the connection (or, where nobody saw that, spoke first). 1: from the other.
 */
export type Direction = 0 | 1

/**
 * fin: both directions ended. reset: by one side. replaced: the same ports opened a new connection.
 * forgotten: idle for longest among too many. end-of-input: the capture ended first.
 */
export type TcpClosed = 'fin' | 'reset' | 'replaced' | 'forgotten' | 'end-of-input'

export type TcpEvent =
  | {
      readonly kind: 'opened'
      /** Numbered from 1 in the order of their first packet. */
      readonly connection: number
      /** The side of direction 0. */
      readonly from: Endpoint
      readonly to: Endpoint
      /** middle: the capture began after the connection did; positions count from there. */
      readonly how: 'handshake' | 'middle'
      readonly at: Micros
    }
  | {
      readonly kind: 'bytes'
      readonly connection: number
      readonly direction: Direction
      /** Borrowed until the callback returns. */
      readonly bytes: Buffer
      /** When they could be read in order: later than their own packet where an earlier one came late. */
      readonly at: Micros
    }
  | {
      readonly kind: 'gap'
      readonly connection: number
      readonly direction: Direction
      /** So many bytes were sent that the capture does not hold. */
      readonly missing: number
      readonly at: Micros
    }
  | {
      readonly kind: 'notice'
      readonly connection: number
      readonly direction: Direction
      /**
       * TCP_COPIES_DIFFER: a byte was sent twice, differently; the first copy counts.
       * TCP_BYTES_AFTER_FIN: bytes behind the end that the sender declared; left out.
       */
      readonly code: 'TCP_COPIES_DIFFER' | 'TCP_BYTES_AFTER_FIN'
      /** Of the first such byte, in this direction's stream. */
      readonly position: number
      readonly at: Micros
    }
  /** This direction has ended; the other may go on. */
  | {
      readonly kind: 'finished'
      readonly connection: number
      readonly direction: Direction
      readonly at: Micros
    }
  | {
      readonly kind: 'closed'
      readonly connection: number
      readonly how: TcpClosed
      /** Who sent the reset; undefined for every other way. */
      readonly by: Direction | undefined
      readonly at: Micros
    }

export type EmitTcp = (event: TcpEvent) => void
