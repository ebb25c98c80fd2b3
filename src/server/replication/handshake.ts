/**
 * Handshake: what a replica says of itself, and what it makes of the answers. As data.
 *
 *   PING ─► +PONG │ AUTH … · REPLCONF listening-port … · ip-address … · capa … ─► their answers │ PSYNC
 *           first │ all at once                                                in order        │ last
 *
 * A master that does not understand REPLCONF is an old one, and good enough; one that does not let us in
 * is not.
 *
 * Source: redis 7.0 `src/replication.c`, syncWithMaster, slaveTryPartialResynchronization.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Settings } from '../config/settings.ts'

export type HandshakeStep = {
  /** Its name in link-states.ts. */
  readonly input: 'auth' | 'port' | 'ip' | 'capa'
  /** What is sent; undefined where there is nothing to say. */
  readonly words: (settings: Settings) => readonly string[] | undefined
  /** What is logged where the answer is an error, in front of it. */
  readonly complaint: string
  /** The link is given up then. */
  readonly isFatal: boolean
}

const notUnderstood = (what: string): string => `(Non critical) Master does not understand ${what}: `

const STEPS: readonly HandshakeStep[] = [
  {
    input: 'auth',
    words: (settings) => {
      const [user, password] = [settings.get<string>('masteruser'), settings.get<string>('masterauth')]
      if (password === '') return undefined
      return user === '' ? ['AUTH', password] : ['AUTH', user, password]
    },
    complaint: 'Unable to AUTH to MASTER: ',
    isFatal: true,
  },
  {
    input: 'port',
    words: (settings) => {
      const announced = settings.get<number>('replica-announce-port')
      return ['REPLCONF', 'listening-port', String(announced || settings.get<number>('port'))]
    },
    complaint: notUnderstood('REPLCONF listening-port'),
    isFatal: false,
  },
  {
    input: 'ip',
    words: (settings) => {
      const address = settings.get<string>('replica-announce-ip')
      return address === '' ? undefined : ['REPLCONF', 'ip-address', address]
    },
    complaint: notUnderstood('REPLCONF ip-address'),
    isFatal: false,
  },
  {
    input: 'capa',
    words: () => ['REPLCONF', 'capa', 'eof', 'capa', 'psync2'],
    complaint: notUnderstood('REPLCONF capa'),
    isFatal: false,
  },
]

export type PlannedStep = { readonly step: HandshakeStep; readonly argv: readonly ByteString[] }

/** What is said, and so how many answers are awaited, with this configuration. */
export function plannedHandshake(settings: Settings): PlannedStep[] {
  return STEPS.flatMap((step) => {
    const words = step.words(settings)
    return words === undefined ? [] : [{ step, argv: words as readonly ByteString[] }]
  })
}

/** A master that wants a password first, or more rights, is there all the same. */
export function isAlive(pong: string, isError: boolean): boolean {
  return !isError || /^(?:NOAUTH|NOPERM|ERR operation not permitted)/.test(pong)
}

/** An error in answer to PSYNC that will pass: the master is not ready. */
export function isTransient(error: string): boolean {
  return /^(?:NOMASTERLINK|LOADING)/.test(error)
}
