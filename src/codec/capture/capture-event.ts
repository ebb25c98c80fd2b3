/**
 * What a capture file says, whatever its format: packets, and what is known about where they came from.
 *
 *   file bytes ─► pcap.ts | pcapng.ts ─CaptureEvent─► packet.ts ─Segment─► reassembly.ts ─TcpEvent─►
 *
 * The two file formats speak this one vocabulary, so nothing above them asks which one it was.
 */

/**
 * Microseconds since the epoch. A double holds today's dates to a quarter of a microsecond: whole
 * microseconds are exact, nanoseconds keep what fits. A hostile file may say anything finite here.
 */
export type Micros = number

export type CapturedPacket = {
  readonly kind: 'packet'
  readonly at: Micros
  /** LINKTYPE_ number: see link-layer.ts. */
  readonly linkType: number
  /** What was captured, without a frame check sequence. Borrowed until the callback returns. */
  readonly bytes: Buffer
  /** Length on the wire, without a frame check sequence; more than bytes.length where snaplen cut it. */
  readonly originalLength: number
  /** Index of the interface within its section; 0 in a classic file. */
  readonly interfaceIndex: number
  readonly comments: readonly string[]
  /** Where in the file the record of this packet begins. */
  readonly position: number
}

export type CaptureEvent =
  | CapturedPacket
  | {
      readonly kind: 'section'
      readonly hardware: string
      readonly system: string
      readonly application: string
      readonly comments: readonly string[]
      readonly position: number
    }
  | {
      readonly kind: 'interface'
      readonly interfaceIndex: number
      readonly linkType: number
      /** 0: no limit. */
      readonly snapLength: number
      readonly name: string
      readonly description: string
      readonly position: number
    }
  /** Name resolution: what the capturing machine called an address. */
  | {
      readonly kind: 'name'
      readonly address: string
      readonly names: readonly string[]
      readonly position: number
    }
  /** One record makes no sense and was left out; the next one is read. */
  | {
      readonly kind: 'damage'
      readonly code: string
      readonly detail: string
      readonly position: number
    }
  /**
   * The file ends inside the record that begins here: a capture that was interrupted. All before it stands.
   */
  | { readonly kind: 'truncated'; readonly detail: string; readonly position: number }
  /** The file cannot be read on from here. */
  | {
      readonly kind: 'fault'
      readonly code: string
      readonly detail: string
      readonly position: number
    }

export type EmitCapture = (event: CaptureEvent) => void

/**
 * The longest packet that is believed. libpcap (MAXIMUM_SNAPLEN) and Wireshark
 * (WTAP_MAX_PACKET_SIZE_STANDARD) refuse longer ones on every link type that carries TCP, so no tool of
 * theirs can have written one.
 */
export const PACKET_MAX = 262_144

export const NO_COMMENTS: readonly string[] = Object.freeze([])
