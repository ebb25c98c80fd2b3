/** What a master may answer to PSYNC and SYNC; the signs are explained in playbook.ts. */
import { describe, it } from 'vitest'
import { play } from '../../support/playbook.ts'

describe('an answer to PSYNC', () => {
  it('comes after keep-alives, and the snapshot after more', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      << \n
      = heartbeat of master 0..1
      @ 1000
      << \n
      = heartbeat of master 1..2
      @ 1000
      << \n+FULLRESYNC {id} 14\r\n\n
      = heartbeat of master 2..3
      = resync full {id} 14, asked ? -1
      = heartbeat of master 60..61
      @ 1000
      << \n$4\r\nRDB!
      = heartbeat of master 61..62
      = snapshot-begin length 4
      = snapshot-end 4 bytes, 0 ms
      <* PING
      = ping @14..28
      ? streaming
    `)
  })

  it('goes on without naming an id', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
    `)
  })

  it('goes on under the same id', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE {id}
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
    `)
  })

  it('goes on under a new id, as a promoted replica answers', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE {id2}
      = resync partial {id2} 100, asked {id} 101
      <* SELECT 3
      = command @100..123 db3 SELECT 3
      <* SET k v
      = command @123..150 db3 SET k v
    `)
  })

  it('is -NOMASTERLINK: the replica leaves and tries again', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < -NOMASTERLINK Can't SYNC while not connected with my master
      = error -NOMASTERLINK Can't SYNC while not connected with my master to PSYNC
      ? negotiating
      x replica fin
      = closed by replica (fin) during negotiating, 71 up 61 down
      ? closed
    `)
  })

  it('is -LOADING', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < -LOADING Redis is loading the dataset in memory
      = error -LOADING Redis is loading the dataset in memory to PSYNC
      ? negotiating
      x replica fin
      = closed by replica (fin) during negotiating, 30 up 49 down
    `)
  })

  it('is an error, and the replica falls back to SYNC on the same connection', () => {
    play(String.raw`
      > PING
      = request PING  -> client
      < +PONG
      = reply +PONG to PING
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < -ERR unknown command 'PSYNC'
      = error -ERR unknown command 'PSYNC' to PSYNC
      ? negotiating
      >> SYNC\r\n
      = request SYNC  -> awaiting-snapshot
      ? awaiting-snapshot
      << \n
      = heartbeat of master 37..38
      << $3\r\nabc
      = resync full undefined undefined, asked nothing
      = snapshot-begin length 3
      = snapshot-end 3 bytes, 0 ms
      ? streaming
      <* SELECT 0
      = command @? db0 SELECT 0
      <* SET k v
      = command @? db0 SET k v
    `)
  })

  it('is an error, and a second PSYNC is granted', () => {
    play(`
      > PSYNC {id} x
      = request PSYNC {id} x  -> awaiting-resync
      < -ERR value is not an integer or out of range
      = error -ERR value is not an integer or out of range to PSYNC
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      ? streaming
      <* PING
      = ping @100..114
    `)
  })

  it('is a status that means nothing, and SYNC follows', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +WHAT
      = reply +WHAT to PSYNC
      >> SYNC\r\n
      = request SYNC  -> awaiting-snapshot
      << $1\r\nx
      = resync full undefined undefined, asked nothing
      = snapshot-begin length 1
      = snapshot-end 1 bytes, 0 ms
      ? streaming
    `)
  })

  it('of SYNC is an error too', () => {
    play(String.raw`
      >> SYNC\r\n
      = request SYNC  -> awaiting-snapshot
      < -NOMASTERLINK Can't SYNC while not connected with my master
      = error -NOMASTERLINK Can't SYNC while not connected with my master to SYNC
      ? negotiating
      >> SYNC\r\n
      = request SYNC  -> awaiting-snapshot
      << $1\r\nx
      = resync full undefined undefined, asked nothing
      = snapshot-begin length 1
      = snapshot-end 1 bytes, 0 ms
      ? streaming
    `)
  })

  it('is that the snapshot comes on a second connection (Redis 8)', () => {
    play(`
      > REPLCONF listening-port 7000
      = request REPLCONF listening-port 7000  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +RDBCHANNELSYNC 6
      = reply +RDBCHANNELSYNC 6 to PSYNC
      ? streaming
      # Until the other connection has told from which offset on, or ACKs have, the stream waits.
      <* SELECT 0
      <* SET k v
      @ 100
      > REPLCONF ACK 7
      > REPLCONF ACK 57
      > REPLCONF ACK 57
      = anchor 7 by ack, 2 held
      = command @7..30 db0 SELECT 0
      = command @30..57 db0 SET k v
      = ack 7, lag 50 B 100 ms
      = ack 57, lag 0 B 100 ms
      = ack 57, lag 0 B 100 ms
      = live at 57, 0 B buffered, 0 ms
    `)
  })

  it('is that the snapshot comes on a second connection (Valkey 8)', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +DUALCHANNELSYNC
      = reply +DUALCHANNELSYNC to PSYNC
      ? negotiating
      > REPLCONF set-rdb-client-id 5
      = request REPLCONF set-rdb-client-id 5  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      > PSYNC {id} 15
      = request PSYNC {id} 15  -> awaiting-resync
      # The stream of the one sync begins: no resync of its own.
      < +CONTINUE {id}
      = reply +CONTINUE {id} to PSYNC
      ? streaming
      <* SET k v
      = command @14..41 db? SET k v
      <* SET k w
      = command @41..68 db? SET k w
      @ 5
      # The snapshot is loaded, and what came meanwhile is still in the replica's buffer.
      > REPLCONF ACK 14
      = ack 14, lag 54 B 5 ms
      @ 10
      <* SET k x
      = command @68..95 db? SET k x
      > REPLCONF ACK 68
      = ack 68, lag 27 B 15 ms
      = live at 68, 54 B buffered, 10 ms
      > REPLCONF ACK 95
      = ack 95, lag 0 B 0 ms
    `)
  })
})

describe('a second connection for the snapshot', () => {
  it('of Redis 8: announced, asked for, and closed by the replica', () => {
    play(String.raw`
      > AUTH sekret
      = request AUTH (redacted)  -> client
      > REPLCONF capa eof rdb-only 1 rdb-channel 1 main-ch-client-id 6 listening-port 21206
      = request REPLCONF capa eof rdb-only 1 rdb-channel 1 main-ch-client-id 6 listening-port 21206  -> negotiating
      < +OK
      = reply +OK to AUTH
      < +OK
      = reply +OK to REPLCONF
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      << \n
      = heartbeat of master 10..11
      < +FULLRESYNC {id} 0
      = resync full {id} 0, asked ? -1
      << $EOF:{mark}\r\nRDB{mark}
      = snapshot-begin mark {mark}
      = snapshot-end 3 bytes, 0 ms
      x replica fin
      = closed by replica (fin) during streaming, 203 up 157 down
    `)
  })

  it('of Valkey 8: SYNC, and $ENDOFF before the snapshot', () => {
    play(String.raw`
      > REPLCONF capa eof rdb-only 1 rdb-channel 1 listening-port 7000 version 9.1.2
      = request REPLCONF capa eof rdb-only 1 rdb-channel 1 listening-port 7000 version 9.1.2  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      >> SYNC\r\n
      = request SYNC  -> awaiting-snapshot
      << \n
      = heartbeat of master 5..6
      << $ENDOFF:14 {id} -1 5\r\n
      = reply +$ENDOFF:14 {id} -1 5 to SYNC
      = resync full {id} 14, asked nothing
      ? awaiting-snapshot
      << $EOF:{mark}\r\nRDB{mark}
      = snapshot-begin mark {mark}
      = snapshot-end 3 bytes, 0 ms
      x master fin
      = closed by master (fin) during streaming, 145 up 154 down
    `)
  })
})

describe('FULLRESYNC that is malformed', () => {
  it('names no offset', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id}
      = fault REPL_BAD_FULLRESYNC at master 0: FULLRESYNC without a 40-character id and an offset: offsets of this link are unknown
      = resync full undefined undefined, asked ? -1
      << $1\r\nx
      = snapshot-begin length 1
      = snapshot-end 1 bytes, 0 ms
      <* SELECT 0
      = command @? db0 SELECT 0
      <* SET k v
      = command @? db0 SET k v
      > REPLCONF ACK 50
      = ack 50, lag ? B ? ms
    `)
  })

  it('names a short id', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC abc 100
      = fault REPL_BAD_FULLRESYNC at master 0: FULLRESYNC without a 40-character id and an offset: offsets of this link are unknown
      = resync full undefined undefined, asked ? -1
      << $1\r\nx
      = snapshot-begin length 1
      = snapshot-end 1 bytes, 0 ms
      <* SET k v
      = command @? db0 SET k v
    `)
  })

  it('names an offset that is no number', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} many
      = fault REPL_BAD_FULLRESYNC at master 0: FULLRESYNC without a 40-character id and an offset: offsets of this link are unknown
      = resync full undefined undefined, asked ? -1
      ? awaiting-snapshot
    `)
  })

  it('names nothing', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC
      = fault REPL_BAD_FULLRESYNC at master 0: FULLRESYNC without a 40-character id and an offset: offsets of this link are unknown
      = resync full undefined undefined, asked ? -1
      ? awaiting-snapshot
    `)
  })

  it('names an empty offset, which is zero for a replica too', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      << +FULLRESYNC {id} \r\n
      = resync full {id} 0, asked ? -1
      ? awaiting-snapshot
    `)
  })
})
