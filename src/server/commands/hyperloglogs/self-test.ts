/**
 * PFSELFTEST: does the server's arithmetic hold? Registers must keep what is written beside their neighbours,
 * and estimates must lie within six standard errors, the same in both forms.
 *
 * Redis tries ten million elements and blocks for half a second; a hundred thousand must do here.
 * Source: redis 7.0 `src/hyperloglog.c`, pfselftestCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import { REGISTERS } from '../../dataset/hyperloglog/estimate.ts'
import {
  addElement,
  cardinality,
  emptyHyperLogLog,
  makeDense,
  mergeInto,
  raiseRegister,
} from '../../dataset/hyperloglog/hyperloglog.ts'
import type { StringValue } from '../../dataset/string-value.ts'
import { OK, Refusal, type Reply } from '../../replies.ts'

const ELEMENTS = 100_000
const STANDARD_ERROR = 1.04 / Math.sqrt(REGISTERS)
const SPARSE_BYTES_MAX = 3000

export function pfselftest(call: Call): Reply {
  testRegisters(call)
  testEstimates(call.random.hex(16))
  return OK
}

function testRegisters(call: Call): void {
  const value = emptyHyperLogLog()
  makeDense(value)
  const expected = Uint8Array.from({ length: REGISTERS }, () => call.random.below(64))
  expected.forEach((rank, register) => {
    raiseRegister(value, register, rank, 0)
  })
  const wrong = ranksOf(value).findIndex((rank, register) => rank !== expected[register])
  if (wrong >= 0) throw new Refusal(`TESTFAILED Register ${wrong} should be ${expected[wrong]}`)
}

function testEstimates(seed: string): void {
  const [sparse, dense] = [emptyHyperLogLog(), emptyHyperLogLog()]
  makeDense(dense)
  for (let n = 1, checkpoint = 1; n <= ELEMENTS; n++) {
    const element = `${seed}:${n}` as ByteString
    addElement(sparse, element, SPARSE_BYTES_MAX)
    addElement(dense, element, SPARSE_BYTES_MAX)
    if (n !== checkpoint) continue
    const [count, other] = [cardinality(ranksOf(dense)), cardinality(ranksOf(sparse))]
    if (count !== other) throw new Refusal('TESTFAILED dense/sparse disagree')
    const error = Math.abs(Number(count) - n)
    // Among ten elements two may well share a register.
    if (error > (n === 10 ? 1 : Math.ceil(STANDARD_ERROR * 6 * n))) {
      throw new Refusal(`TESTFAILED Too big error. card:${n} abserr:${error}`)
    }
    checkpoint *= 10
  }
}

function ranksOf(value: StringValue): Uint8Array {
  const ranks = new Uint8Array(REGISTERS)
  mergeInto(ranks, value)
  return ranks
}
