/**
 * Capture files are written in the byte order of the machine that captured. A decoder picks one of these
 * two readers when it has seen the magic, and never asks again.
 */
export type ByteOrder = {
  u16(bytes: Buffer, index: number): number
  u32(bytes: Buffer, index: number): number
}

export const LITTLE_ENDIAN: ByteOrder = {
  u16: (bytes, index) => bytes[index]! | (bytes[index + 1]! << 8),
  u32: (bytes, index) =>
    (bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24)) >>> 0,
}

/** Also the order of every header below: IP and TCP write big-endian. */
export const BIG_ENDIAN: ByteOrder = {
  u16: (bytes, index) => (bytes[index]! << 8) | bytes[index + 1]!,
  u32: (bytes, index) =>
    ((bytes[index]! << 24) | (bytes[index + 1]! << 16) | (bytes[index + 2]! << 8) | bytes[index + 3]!) >>> 0,
}
