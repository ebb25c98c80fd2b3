/**
 * Random workloads as scenarios: what nobody thought of. The same seed gives the same scenarios.
 *
 * Each comes twice: a master is given the commands and its stream is compared, with links cut and taken up
 * again in between; a replica is given them as a stream and its dataset is compared. Commands that choose at
 * random themselves (SPOP, XADD *) are left out, and expiries are far away.
 */
import { type Scenario, scenario } from './scenario.ts'
import { adopt, ask, comeBack, cut, getack, look, type Step, stream, sync } from './step.ts'

const STEPS = 8
const COMMANDS_A_STEP = 12

/** Two scenarios for each of `count` workloads. */
export function randomScenarios(count: number, seed: number): Scenario[] {
  return Array.from({ length: count }, (_, i) => workload(seed + i)).flat()
}

function workload(seed: number): Scenario[] {
  const dice = new Dice(seed)
  const batches = Array.from({ length: STEPS }, () =>
    Array.from({ length: COMMANDS_A_STEP }, () => command(dice)),
  )
  const cuts = batches.map(() => dice.below(3) === 0)
  const asMaster = batches.flatMap((batch, i): (Step | readonly Step[])[] =>
    cuts[i] ? [cut(), ask(...batch), comeBack()] : [ask(...batch)],
  )
  const name = `random/${seed}`
  return [
    scenario({
      name,
      teaches: 'A random workload is propagated alike, also to a replica that comes and goes.',
      role: 'master',
      steps: [sync(), ...asMaster, look('info', 'dataset', 'digest')],
    }),
    scenario({
      name,
      teaches: 'A random stream is applied alike.',
      role: 'replica',
      steps: [
        adopt({ databases: [] }),
        ...batches.map((batch) => stream('m1', 'SELECT 0', ...batch)),
        getack(),
        look('info', 'dataset', 'digest'),
      ],
    }),
  ]
}

/** Commands that most dislike: a key may be of any type, so many of them fail. */
const TEMPLATES: readonly string[] = [
  'SET K V',
  'SET K V',
  'SET K V KEEPTTL',
  'SET K V NX',
  'SET K V XX GET',
  'APPEND K V',
  'INCRBY K N',
  'DECR K',
  'SETRANGE K I V',
  'GETSET K V',
  'GETDEL K',
  'INCRBYFLOAT K F',
  'SETBIT K N 1',
  'MSET K V K V',
  'MSETNX K V K V',
  'LPUSH K V V',
  'RPUSH K V N',
  'LPOP K',
  'RPOP K 2',
  'LSET K 0 V',
  'LREM K 0 V',
  'LTRIM K 0 N',
  'LINSERT K BEFORE V V',
  'RPOPLPUSH K K',
  'LMOVE K K LEFT RIGHT',
  'LMPOP 2 K K LEFT COUNT 2',
  'SADD K V V N',
  'SREM K V',
  'SMOVE K K V',
  'SINTERSTORE K K K',
  'SUNIONSTORE K K K',
  'SDIFFSTORE K K K',
  'HSET K V V V N',
  'HDEL K V',
  'HINCRBY K V N',
  'HINCRBYFLOAT K V F',
  'HSETNX K V V',
  'ZADD K N V',
  'ZADD K GT CH N V',
  'ZINCRBY K F V',
  'ZREM K V',
  'ZPOPMIN K',
  'ZREMRANGEBYRANK K 0 0',
  'ZUNIONSTORE K 2 K K',
  'ZRANGESTORE K K 0 -1',
  'GEOADD K 13.361389 38.115556 V',
  'PFADD K V V',
  'PFMERGE K K',
  'BITOP OR K K K',
  'XADD K 5-N V V',
  'XADD K MAXLEN 3 6-N V V',
  'XTRIM K MAXLEN 2',
  'XDEL K 5-1',
  'XGROUP CREATE K V 0',
  'XSETID K 99-0',
  'EXPIRE K 1000',
  'PEXPIRE K 2000000',
  'PERSIST K',
  'EXPIRE K -1',
  'SET K V EX 1000',
  'GETEX K EX 3000',
  'DEL K',
  'UNLINK K K',
  'RENAME K K',
  'COPY K K REPLACE',
  'MOVE K 1',
  'SORT K ALPHA STORE K',
  'BITFIELD K SET u8 0 N',
  'SELECT D',
]
const KEYS = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8', '"a b"', '""', '"\\x00\\xff"']
const VALUES = ['a', 'b', 'foo', '12', '"x y"', '"\\r\\n"', '0.5', 'v'.repeat(70)]

function command(dice: Dice): string {
  return dice.of(TEMPLATES).replace(/\b[KVNIFD]\b/g, (letter) => {
    if (letter === 'K') return dice.of(KEYS)
    if (letter === 'V') return dice.of(VALUES)
    if (letter === 'F') return ['0.5', '1.25', '-3', '10'][dice.below(4)]!
    if (letter === 'D') return String(dice.below(2))
    return String(dice.below(letter === 'I' ? 20 : 40))
  })
}

/** A small generator (xorshift): the same everywhere, for ever. */
class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1
    for (let i = 0; i < 8; i++) this.below(2)
  }

  below(n: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state % n
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}
