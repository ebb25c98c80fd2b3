/**
 * Raw pass-through: noise that is no RESP, through each subject, either way. Bytes per second, as the end
 * that counts has seen them.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inRounds, type Row, Samples, type Scenario } from './scenario.ts'
import { type SubjectName, startSubject } from './subjects.ts'

const BAR = 0.9
const TIMEOUT_MS = 60_000
const FIREHOSE = fileURLToPath(new URL('./firehose.ts', import.meta.url))

type Direction = 'to the client' | 'to the server'

export const opaque: Scenario = {
  name: 'opaque',
  async run(settings) {
    const bytes = (settings.quick ? 200 : 1000) * 1e6
    const rows: Row[] = []
    for (const direction of ['to the client', 'to the server'] as const) {
      const samples = new Samples()
      await inRounds(settings, async (name) => {
        const rate = await pour(name, direction, bytes)
        settings.note(`${name}: ${direction} ${Math.round(rate)} MB/s`)
        samples.add(name, rate)
      })
      rows.push({
        scenario: 'opaque',
        measure: `${bytes / 1e6} MB ${direction}`,
        unit: 'MB/s',
        values: samples.medians(),
        samples: samples.bySubject,
        score: { value: samples.ratioTo('socat'), of: '× socat' },
        bar: { sense: 'at least', limit: BAR },
      })
    }
    return rows
  },
}

/** Sends so many bytes through a subject and gives MB/s. */
async function pour(name: SubjectName, direction: Direction, bytes: number): Promise<number> {
  const [server, client] = direction === 'to the client' ? ['send', 'count'] : ['count', 'send']
  const listening = endpoint('listen', server as string, bytes)
  const ends: ChildProcess[] = [listening]
  const { port } = await heard(listening)
  const subject = await startSubject(name, port as number, 'opaque')
  try {
    const connecting = endpoint('connect', client as string, bytes, subject.port)
    ends.push(connecting)
    await heard(connecting)
    const result = heard(server === 'count' ? listening : connecting)
    connecting.send('go')
    const { bytes: counted, seconds } = await result
    if (counted !== bytes) throw new Error(`${counted} of ${bytes} bytes came through ${name} ${direction}`)
    return bytes / 1e6 / (seconds as number)
  } finally {
    for (const end of ends) end.kill('SIGKILL')
    await subject.stop()
  }
}

function endpoint(...words: (string | number)[]): ChildProcess {
  return fork(FIREHOSE, words.map(String))
}

/** The next message of an end; rejects when it fails, ends or stays silent instead. */
function heard(end: ChildProcess): Promise<Record<string, number>> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string) => reject(new Error(`an end of the connection ${why}`))
    const gone = () => refuse('ended by itself')
    const timer = setTimeout(() => refuse(`said nothing for ${TIMEOUT_MS} ms`), TIMEOUT_MS)
    end.once('exit', gone)
    end.once('message', (message: Record<string, number> & { failed?: string }) => {
      clearTimeout(timer)
      end.off('exit', gone)
      if (message.failed === undefined) resolve(message)
      else refuse(`failed: ${message.failed}`)
    })
  })
}
