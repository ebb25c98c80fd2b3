/**
 * Link layer headers: where in a captured frame does the IP packet begin?
 *
 *   Ethernet (1)     target(6) source(6) [8100|88a8|9100|9200 tag(2)]… type(2) ► IP
 *   cooked v1 (113)  direction(2) arp(2) length(2) address(8) type(2) ► IP            tcpdump -i any, once
 *   cooked v2 (276)  type(2) reserved(2) index(4) arp(2) direction(1) length(1) address(8) ► IP      today
 *   null (0)         family(4, in the capturing machine's byte order) ► IP            BSD, macOS loopback
 *   loop (108)       family(4, big-endian) ► IP
 *   PPP (9, 50)      [ff 03] protocol(1 or 2) ► IP
 *   PPPoE            over Ethernet type 8864, or alone (51): 11 code(1) session(2) length(2) protocol(2) ► IP
 *   raw (12, 14, 101, 228, 229)  ► IP
 *
 * The answer is an index, no object: this runs once a packet. Which IP it is, its first nibble says.
 * Source: https://www.tcpdump.org/linktypes.html; IEEE 802.1Q/ad; RFC 1661, 2516.
 */
import { BIG_ENDIAN, LITTLE_ENDIAN } from './byte-order.ts'

/** LINKTYPE_ numbers, as files carry them. */
export const LINK_TYPE = {
  NULL: 0,
  ETHERNET: 1,
  PPP: 9,
  /** What the raw types are called in files written with a machine's own DLT_ number. */
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  PPP_HDLC: 50,
  PPP_ETHER: 51,
  RAW: 101,
  LOOP: 108,
  LINUX_COOKED: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_COOKED_2: 276,
} as const

/** Instead of an index: the frame carries something else than IP, or ends before it. */
export const NOT_IP = -1
/** Instead of an index: frames of this link type cannot be read. */
export const UNKNOWN_LINK = -2

const ETHER_IPV4 = 0x0800
const ETHER_IPV6 = 0x86dd
const ETHER_PPPOE_SESSION = 0x8864
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200])
const PPP_IPV4 = 0x0021
const PPP_IPV6 = 0x0057
/** AF_INET everywhere; AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS. */
const FAMILIES: ReadonlySet<number> = new Set([2, 10, 24, 28, 30])

/** Index of the first byte of the IP packet in a frame, or NOT_IP, or UNKNOWN_LINK. */
export function ipStart(linkType: number, frame: Buffer): number {
  switch (linkType) {
    case LINK_TYPE.ETHERNET:
      return afterEtherType(frame, 12)
    case LINK_TYPE.LINUX_COOKED_2:
      return etherPayload(frame, BIG_ENDIAN.u16(frame, 0), 20)
    case LINK_TYPE.LINUX_COOKED:
      return afterEtherType(frame, 14)
    case LINK_TYPE.NULL:
      return FAMILIES.has(LITTLE_ENDIAN.u32(frame, 0)) ? 4 : afterFamily(frame)
    case LINK_TYPE.LOOP:
      return afterFamily(frame)
    case LINK_TYPE.PPP:
    case LINK_TYPE.PPP_HDLC:
      return afterPpp(frame, frame[0] === 0xff && frame[1] === 0x03 ? 2 : 0)
    case LINK_TYPE.PPP_ETHER:
      return afterPppoe(frame, 0)
    case LINK_TYPE.RAW:
    case LINK_TYPE.RAW_BSD:
    case LINK_TYPE.RAW_OPENBSD:
    case LINK_TYPE.IPV4:
    case LINK_TYPE.IPV6:
      return 0
    default:
      return UNKNOWN_LINK
  }
}

function afterEtherType(frame: Buffer, index: number): number {
  return etherPayload(frame, BIG_ENDIAN.u16(frame, index), index + 2)
}

function etherPayload(frame: Buffer, firstType: number, firstIndex: number): number {
  let type = firstType
  let index = firstIndex
  while (VLAN_TAGS.has(type) && index + 4 <= frame.length) {
    type = BIG_ENDIAN.u16(frame, index + 2)
    index += 4
  }
  if (type === ETHER_PPPOE_SESSION) return afterPppoe(frame, index)
  return type === ETHER_IPV4 || type === ETHER_IPV6 ? index : NOT_IP
}

function afterFamily(frame: Buffer): number {
  return FAMILIES.has(BIG_ENDIAN.u32(frame, 0)) ? 4 : NOT_IP
}

function afterPppoe(frame: Buffer, index: number): number {
  const isSession = frame[index] === 0x11 && frame[index + 1] === 0
  return isSession ? afterPpp(frame, index + 6) : NOT_IP
}

function afterPpp(frame: Buffer, index: number): number {
  // A peer may compress the protocol to one byte, which is then odd; the first byte of two is even.
  const isShort = (frame[index]! & 1) === 1
  const protocol = isShort ? frame[index] : BIG_ENDIAN.u16(frame, index)
  return protocol === PPP_IPV4 || protocol === PPP_IPV6 ? index + (isShort ? 1 : 2) : NOT_IP
}
