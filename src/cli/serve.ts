/** `syncscope serve`: the reference server. */
import { parseAddress } from '../io/address.ts'
import { listenFor } from '../io/server-socket.ts'
import { SnapshotStore } from '../io/snapshot-store.ts'
import { systemClock, systemRandom } from '../io/system-clock.ts'
import { RedisServer } from '../server/server.ts'
import { untilInterrupted } from './interrupt.ts'

export type ServeArguments = { readonly port: number }

/** Runs until Ctrl-C. @returns the exit status @throws UsageError */
export async function serve(args: ServeArguments): Promise<number> {
  const server = new RedisServer({
    clock: systemClock,
    random: systemRandom,
    store: new SnapshotStore(),
    log: (_level, line) => process.stdout.write(`${line}\n`),
    shutdown: () => process.exit(0),
  })
  const listening = await listenFor((peer) => server.connect(peer), parseAddress(`:${args.port}`, '--port'))
  const stop = server.start()
  process.stdout.write('Ready to accept connections\n')
  await untilInterrupted()
  stop()
  await listening.close()
  return 0
}
