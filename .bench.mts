import { startReference, bytesOf } from './test/support/reference.ts'
import { encodeCommand } from './src/codec/resp/encode.ts'
const ref = startReference(); 
const session = ref.server.connect({ remote: 'a', local: 'b', send: () => {}, close: () => {} })
const run = (name: string, n: number, make: (i: number) => (string|number)[]) => {
  const cmds: Buffer[] = []
  for (let i = 0; i < n; i += 100) { const parts = []; for (let j = i; j < i + 100; j++) parts.push(encodeCommand(bytesOf(make(j)))); cmds.push(Buffer.concat(parts)) }
  ;(globalThis as any).gc?.(); const m0 = process.memoryUsage(); const t0 = process.cpuUsage()
  for (const c of cmds) session.push(c)
  const t = process.cpuUsage(t0); cmds.length = 0; (globalThis as any).gc?.(); const m1 = process.memoryUsage()
  console.log(name.padEnd(34), Math.round(n / ((t.user + t.system) / 1e6)), '/s cpu', ((m1.heapUsed + m1.arrayBuffers - m0.heapUsed - m0.arrayBuffers) / n).toFixed(1), 'bytes per command')
}
run('warm', 50000, (i) => ['PING'])
run('ZADD 500k random score big set', 500000, (i) => ['ZADD', 'big', ((i * 2654435761) % 1000003) + 0.5, `member:${i}`])
run('ZADD update', 200000, (i) => ['ZADD', 'big', (i * 40503) % 99991, `member:${(i * 7919) % 500000}`])
run('ZRANK', 200000, (i) => ['ZRANK', 'big', `member:${(i * 7919) % 500000}`])
run('ZADD same key (benchmark)', 200000, (i) => ['ZADD', 'myzset', (i*7)%100, 'element:__rand_int__'])
run('ZADD 100k small sets x5', 500000, (i) => ['ZADD', `z:${Math.floor(i / 5)}`, i % 17, `m:${i % 5}`])
run('ZPOPMIN', 200000, () => ['ZPOPMIN', 'big'])
run('XADD one stream', 300000, (i) => ['XADD', 'st', '*', 'field', `value:${i}`])
run('XRANGE count 10', 50000, (i) => ['XRANGE', 'st', '-', '+', 'COUNT', 10])
run('XADD 100k small streams', 100000, (i) => ['XADD', `s:${i}`, '*', 'field', `value:${i}`])
run('XGROUP', 100, () => ['XGROUP', 'CREATE', 'st', 'g', '0'])
run('XREADGROUP count 10', 20000, () => ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 10, 'STREAMS', 'st', '>'])
run('GEOADD', 100000, (i) => ['GEOADD', 'geo', (i % 360) - 180, (i % 170) - 85, `p${i}`])
