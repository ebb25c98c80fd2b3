/** What a replica says once it is in sync; the signs are explained in playbook.ts. */
import { describe, it } from 'vitest'
import { play } from '../../support/playbook.ts'

describe('ACKs', () => {
  it('say how far the replica is behind, in bytes and in time', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
      @ 10
      <* SET k v
      = command @127..154 db? SET k v
      @ 5
      > REPLCONF ACK 127
      = ack 127, lag 27 B 15 ms
      @ 5
      > REPLCONF ACK 154
      = ack 154, lag 0 B 10 ms
      @ 1000
      > REPLCONF ACK 154
      = ack 154, lag 0 B 10 ms
      @ 1000
      > REPLCONF ACK 154
      = ack 154, lag 0 B 10 ms
    `)
  })

  it('that are repeated by a replica that is behind say that its lag grows', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
      <* SET k v
      = command @127..154 db? SET k v
      @ 10
      > REPLCONF ACK 127
      = ack 127, lag 27 B 10 ms
      @ 1000
      > REPLCONF ACK 127
      = ack 127, lag 27 B 1010 ms
    `)
  })

  it('say what is on disk, too (FACK)', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
      > REPLCONF ACK 127 FACK 100
      = ack 127 fsynced 100, lag 0 B 0 ms
      > replconf ack 127 fack 127
      = ack 127 fsynced 127, lag 0 B 0 ms
      > REPLCONF ACK 127 FACK
      = ack 127, lag 0 B 0 ms
      > REPLCONF ACK 127 other 5
      = ack 127, lag 0 B 0 ms
    `)
  })

  it('acknowledge what nobody has seen yet', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
      > REPLCONF ACK 5000
      = ack 5000, lag 0 B ? ms
      > REPLCONF ACK 20
      = ack 20, lag 107 B ? ms
      > REPLCONF ACK -1
      = ack -1, lag 128 B ? ms
    `)
  })

  it('are sent while the snapshot is on its way', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      << $4\r\nab
      = snapshot-begin length 4
      > REPLCONF ACK 0
      = ack 0, lag ? B ? ms
      << cd
      = snapshot-end 4 bytes, 0 ms
      > REPLCONF ACK 100
      = ack 100, lag 0 B 0 ms
    `)
  })

  it('are worth nothing without an offset', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      > REPLCONF ACK
      = fault REPL_BAD_ACK at replica 71: REPLCONF ACK without an offset
      > REPLCONF ACK many
      = fault REPL_BAD_ACK at replica 98: REPLCONF ACK without an offset
      > REPLCONF ACK ""
      = fault REPL_BAD_ACK at replica 135: REPLCONF ACK without an offset
      > REPLCONF ACK 9007199254740993
      = fault REPL_BAD_ACK at replica 168: REPLCONF ACK without an offset
      ? streaming
    `)
  })

  it('are known to be ACKs where the offset of the stream is not', () => {
    play(String.raw`
      >> SYNC\r\n
      = request SYNC  -> awaiting-snapshot
      << $1\r\nx
      = resync full undefined undefined, asked nothing
      = snapshot-begin length 1
      = snapshot-end 1 bytes, 0 ms
      <* SET k v
      = command @? db0 SET k v
      > REPLCONF ACK 27
      = ack 27, lag ? B ? ms
    `)
  })

  it('are no ACKs before anything is replicated, and get no reply', () => {
    play(`
      > PING
      = request PING  -> client
      > REPLCONF ACK 27
      = request REPLCONF ACK 27  -> negotiating
      > GET k
      = request GET k  -> negotiating
      < +PONG
      = reply +PONG to PING
      < $-1
      = reply null to GET
      ? negotiating
    `)
  })
})

describe('a replica that is in sync', () => {
  it('gets no answer to another PSYNC', () => {
    play(String.raw`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> streaming
      >> SYNC\r\n
      = request SYNC  -> streaming
      <* SET k v
      = command @100..127 db? SET k v
      ? streaming
    `)
  })

  it('is silent but for newlines', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      << $2\r\nab
      = snapshot-begin length 2
      = snapshot-end 2 bytes, 0 ms
      >> \n
      = heartbeat of replica 30..31
      >> \r\n
      = heartbeat of replica 31..33
      >> *0\r\n
      = heartbeat of replica 33..37
      > REPLCONF ACK 100
      = ack 100, lag 0 B 0 ms
    `)
  })

  it("says what cannot be understood: its side is opaque, the master's is not", () => {
    play(String.raw`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      >> *1\r\n:5\r\n
      = fatal fault RESP_BAD_LENGTH at replica 75: expected "$" (an argument), got ":"
      ? streaming
      <* SET k v
      = command @100..127 db? SET k v
      >> REPLCONF ACK 127\r\n
      x replica fin
      = closed by replica (fin) during streaming, 97 up 38 down
    `)
  })
})
