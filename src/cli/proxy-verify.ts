/**
 * `syncscope proxy --verify`: the replica behind the proxy is compared with the reference all the time.
 *
 *   link ─► conversation (shown)
 *      └──► a second one, of every byte ─► Following ─► Verification ◄─ Inquiry ─► the replica itself
 *
 * Who the replica is says it itself in its handshake (`listening-port`, `ip-address`), or --against does. One
 * link is compared: the one that `--link` names, or the first that syncs.
 */
import { type Address, addressText, parseAddress } from '../io/address.ts'
import type { Strip } from '../replication/capa-stripper.ts'
import type { HowClosed, Micros, Side } from '../replication/events.ts'
import type { VerificationListener } from '../shadow/findings.ts'
import { Verification } from '../shadow/verification.ts'
import { counted } from '../sink/units.ts'
import { Following, TOO_LARGE } from './following.ts'
import { Inquiry, NotAskable } from './inquiry.ts'
import { Verifying } from './verifying.ts'

export type ProxyVerifyOptions = {
  readonly against: string | undefined
  readonly link: number | undefined
  readonly pauseMs: number
  readonly listener: (link: () => number | undefined) => VerificationListener
  readonly say: (line: string) => void
  readonly progress: (text: string | undefined) => void
}

/** What a conversation takes. */
export type Ear = {
  push(side: Side, chunk: Buffer, at: Micros): void
  stripped(strip: Strip): void
  ending(side: Side, at: Micros): void
  end(side: Side, how: HowClosed, at: Micros): void
}

export class ProxyVerify {
  readonly verification: Verification
  readonly #following: Following
  readonly #verifying: Verifying
  readonly #against: Address | undefined
  readonly #say: (line: string) => void
  #running: Promise<unknown> = Promise.resolve()
  /** The stream passed with bugs of ours, or the replica cannot be asked: nothing is compared any longer. */
  #hasFailed = false

  constructor({ against, link, pauseMs, listener, say, progress }: ProxyVerifyOptions) {
    this.#against = against === undefined ? undefined : parseAddress(against, '--against')
    this.#say = say
    this.verification = new Verification({ listener: listener(() => this.#following.link) })
    this.#following = new Following(this.verification, { link })
    this.#following.onEvent = (event) => {
      if (event.kind === 'ack') this.verification.reached(event.offset)
    }
    const { verification } = this
    const tell = (line: string) => say(`verify: ${line}`)
    this.#verifying = new Verifying({ verification, pauseMs, open: () => this.#open(), say: tell, progress })
  }

  start(): void {
    const whom =
      this.#against === undefined ? 'the replica, where it announces itself' : addressText(this.#against)
    this.#say(`verify: compares with ${whom}; begins with the next full resync`)
    this.#running = this.#verifying.run().catch((error: unknown) => {
      this.#giveUp((error as Error).message)
    })
  }

  /** Hears a connection too. */
  around(replica: string, master: string, at: Micros, ear: Ear): Ear {
    const own = this.#following.book.open(replica, master, at)
    return {
      push: (side, chunk, now) => {
        ear.push(side, chunk, now)
        if (this.#hasFailed) return
        this.#guarded(() => own.push(side, chunk, now))
        if (this.#following.isTooLarge) this.#giveUp(TOO_LARGE)
      },
      stripped: (strip) => {
        ear.stripped(strip)
        this.#guarded(() => own.stripped(strip))
      },
      ending: (side, now) => {
        ear.ending(side, now)
        own.ending()
      },
      end: (side, how, now) => {
        ear.end(side, how, now)
        this.#guarded(() => own.end(side, how, now))
      },
    }
  }

  tick(now: Micros): void {
    this.#following.book.tick(now)
  }

  /** @returns how many keys were found to differ */
  async end(): Promise<number> {
    this.#verifying.stop()
    await this.#running
    const { keys, finishedPasses: passes, divergences } = this.verification
    this.#say(
      `verify: ${counted(keys, 'comparison')} of keys in ${passes} whole ${passes === 1 ? 'pass' : 'passes'}, ` +
        `${counted(divergences, 'key')} differed`,
    )
    return divergences
  }

  #guarded(step: () => void): void {
    try {
      step()
    } catch (error) {
      if (!this.#hasFailed) {
        this.#giveUp(`a bug in syncscope ended it: ${(error as Error).stack ?? String(error)}`)
      }
    }
  }

  /** The link is carried on; it is only not looked at any longer. */
  #giveUp(why: string): void {
    this.#hasFailed = true
    this.#verifying.stop()
    this.verification.forget()
    this.#say(`verify: ${why}; nothing is compared any longer`)
  }

  async #open(): Promise<Inquiry> {
    const address = this.#against ?? this.#following.announced
    if (address === undefined) {
      throw new NotAskable('the replica does not announce where it listens: --against ADDR says it')
    }
    const inquiry = await Inquiry.open(address)
    const how = inquiry.abilities.hasDebug ? 'DEBUG DIGEST-VALUE' : 'DUMP'
    this.#say(`verify: asks ${addressText(address)} (${inquiry.server}) by ${how}`)
    return inquiry
  }
}
