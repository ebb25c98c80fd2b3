/**
 * One end of a connection that carries nothing but noise; forked by opaque.ts, so that neither end takes
 * time from the other nor from the one who measures.
 *
 *   firehose.ts listen send|count BYTES          says {port}, serves one connection
 *   firehose.ts connect send|count BYTES PORT    connects when it is told to go
 *
 * The end that counts says {bytes, seconds}, from its connection to the last byte. The first bytes are no
 * RESP, whoever sends them: whoever decodes must give up at once, and only carry from there on.
 */
import { randomBytes } from 'node:crypto'
import net from 'node:net'

const BLOCK = 256 * 1024
const NOT_RESP = Buffer.from('*!garbage\r\n')

const [where, does, bytesText, portText] = process.argv.slice(2)
const total = Number(bytesText)
const begun = new WeakMap<object, number>()
let counted = 0

/** Every read goes to the same memory: counting must cost as little as can be. */
const onread =
  does === 'count'
    ? {
        buffer: Buffer.allocUnsafe(BLOCK),
        callback: (bytes: number) => {
          counted += bytes
          return true
        },
      }
    : undefined

function talk(socket: net.Socket): void {
  begun.set(socket, performance.now())
  socket.on('error', (error) => process.send?.({ failed: error.message }))
  if (does === 'send') send(socket)
  else {
    socket.on('data', (chunk) => (counted += chunk.length))
    socket.on('end', () => {
      const seconds = (performance.now() - (begun.get(socket) as number)) / 1000
      process.send?.({ bytes: counted, seconds })
    })
  }
}

function send(socket: net.Socket): void {
  const block = randomBytes(BLOCK)
  let left = total - NOT_RESP.length
  socket.write(NOT_RESP)
  const more = () => {
    while (left > 0) {
      const part = left < BLOCK ? block.subarray(0, left) : block
      left -= part.length
      if (!socket.write(part)) {
        socket.once('drain', more)
        return
      }
    }
    socket.end()
  }
  more()
}

process.once('disconnect', () => process.exit())
if (where === 'listen') {
  const server = net.createServer(talk)
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as net.AddressInfo).port }))
} else {
  process.once('message', () => {
    const socket: net.Socket = net.connect(
      { host: '127.0.0.1', port: Number(portText), ...(onread && { onread }) },
      () => talk(socket),
    )
  })
  process.send?.({ ready: true })
}
