/**
 * `syncscope rdb check`: decodes whole files and their checksums; says that they are good, or what is
 * damaged.
 */
import { BlockOutput } from '../io/block-output.ts'
import { systemNow } from '../io/system-clock.ts'
import { type Checked, checkJson, checkText, isGood } from '../rdb/check-text.ts'
import { ElementCount } from '../rdb/damage.ts'
import { Origin } from '../rdb/origin.ts'
import { type Reading, readSnapshot } from './rdb-reading.ts'

export type CheckArguments = { readonly files: readonly string[]; readonly json: boolean }

/** @returns the exit status @throws UsageError */
export async function runRdbCheck({ files, json }: CheckArguments): Promise<number> {
  const output = new BlockOutput()
  let status = 0
  for (const file of files) {
    const checked = await check(file)
    if (!isGood(checked)) status = 1
    await output.write(`${json ? JSON.stringify(checkJson(checked)) : checkText(checked)}\n`)
  }
  return status
}

async function check(file: string): Promise<Checked> {
  const origin = new Origin()
  const begin = systemNow()
  const reading = await readSnapshot(file, {
    detail: 'sizes',
    onEvent: (event) => origin.event(event),
    onRecord: ({ db, expires }) => origin.key(db, expires),
  })
  const elapsed = systemNow() - begin
  return { file, origin, extra: reading.extra, elapsed, ...(await closerLook(file, reading)) }
}

/**
 * Which element of a value is damaged, and the whole name of its key, only the slower walk that tells
 * elements knows; so the file is read once more, if it can be.
 */
async function closerLook(file: string, { fault, input }: Reading) {
  if (fault?.key === undefined || !input.isRepeatable) return { fault, elements: undefined }
  const counter = new ElementCount()
  const again = await readSnapshot(file, { detail: 'elements', onEvent: (event) => counter.event(event) })
  if (again.fault?.keys !== fault.keys) return { fault, elements: undefined }
  return { fault: again.fault, elements: counter.elements }
}
