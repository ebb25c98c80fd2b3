/** `syncscope rdb json`: every key with its value, one JSON object a line. */
import type { RdbFault } from '../codec/rdb/decode.ts'
import { BlockOutput } from '../io/block-output.ts'
import { DamagedInput, FileInput } from '../io/file-input.ts'
import { TemporaryFile } from '../io/temporary-file.ts'
import { checksumText, damageText } from '../rdb/damage.ts'
import { KeyJson, PIECE_BYTES } from '../rdb/key-json.ts'
import { type FilterArguments, keyFilter, limitOf } from './rdb-options.ts'
import { containerFault, placed, readChunks } from './rdb-reading.ts'

export type JsonArguments = FilterArguments & { readonly files: readonly string[] }

/** @returns the exit status @throws UsageError */
export async function runRdbJson(args: JsonArguments): Promise<number> {
  const filter = keyFilter(args)
  const output = new BlockOutput()
  let limit = limitOf(args)
  let status = 0
  for (const file of args.files) {
    const json = new KeyJson({ filter, limit, keep: () => new TemporaryFile() })
    const fault = await print(file, json, output)
    if (output.isClosed) return status
    limit = json.left
    const { end } = json
    if (fault === undefined && end?.checksum !== 'bad') continue
    status = 1
    const text = fault === undefined ? checksumText(file, end!) : damageText(file, fault, json.elements)
    process.stderr.write(`syncscope: ${text}\n`)
  }
  return status
}

async function print(file: string, json: KeyJson, output: BlockOutput): Promise<RdbFault | undefined> {
  const write = (block: Buffer) => output.write(block)
  let received = 0
  let damage: DamagedInput | undefined
  try {
    await readChunks(new FileInput(file), async (chunk) => {
      received += chunk.length
      for (let at = 0; at < chunk.length && json.isRunning; at += PIECE_BYTES) {
        json.push(chunk.subarray(at, at + PIECE_BYTES))
        await json.flush(write)
      }
      return json.isRunning && !output.isClosed
    })
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error
    damage = error
  }
  if (!output.isClosed) json.finish()
  await json.flush(write, true)
  if (damage !== undefined) return containerFault(damage, json.fault, received, json.keys)
  return json.fault === undefined ? undefined : placed(json.fault, received)
}
