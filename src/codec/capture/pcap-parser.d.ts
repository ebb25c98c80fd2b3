/** The part of pcap-parser 0.2.1 (which has no types) that pcap.ts uses. */
declare module 'pcap-parser' {
  export type PacketHeader = {
    readonly timestampSeconds: number
    /** As written in the file: nanoseconds in a nanosecond file, although the package does not know. */
    readonly timestampMicroseconds: number
    readonly capturedLength: number
    readonly originalLength: number
  }
  export type GlobalHeader = { readonly snapshotLength: number; readonly linkLayerType: number }

  export type Parser = {
    /** What was given and not yet parsed; null: nothing. */
    buffer: Buffer | null
    on(event: 'globalHeader', listener: (header: GlobalHeader) => void): Parser
    on(event: 'packetHeader', listener: (header: PacketHeader) => void): Parser
    on(event: 'packetData', listener: (data: Buffer) => void): Parser
    on(event: 'error', listener: (error: Error) => void): Parser
  }

  /** What the parser asks of a stream: it only registers listeners and may pause and resume. */
  export type Input = {
    on(event: string, listener: (data: Buffer) => void): void
    pause(): void
    resume(): void
  }

  export function parse(input: Input): Parser
}
