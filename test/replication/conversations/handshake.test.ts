/** Handshakes of every version, in every order; the signs are explained in playbook.ts. */
import { describe, it } from 'vitest'
import { play } from '../../support/playbook.ts'

describe('a handshake', () => {
  it('of 2.8: one word after the other', () => {
    play(String.raw`
      > PING
      = request PING  -> client
      < +PONG
      = reply +PONG to PING
      > REPLCONF listening-port 6380
      = request REPLCONF listening-port 6380  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 1
      = resync full {id} 1, asked ? -1
      ? awaiting-snapshot
      << $4\r\nRDB!
      = snapshot-begin length 4
      = snapshot-end 4 bytes, 0 ms
      ? streaming
      <* SELECT 0
      = command @1..24 db0 SELECT 0
      <* SET k v
      = command @24..51 db0 SET k v
      > REPLCONF ACK 51
      = ack 51, lag 0 B 0 ms
    `)
  })

  it('of 6.0: logged in, announced, each word answered before the next', () => {
    play(`
      > PING
      = request PING  -> client
      < -NOAUTH Authentication required.
      = error -NOAUTH Authentication required. to PING
      > AUTH replicator sekret
      = request AUTH replicator (redacted)  -> client
      < +OK
      = reply +OK to AUTH
      > REPLCONF listening-port 7000
      = request REPLCONF listening-port 7000  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      > REPLCONF ip-address 10.0.0.7
      = request REPLCONF ip-address 10.0.0.7  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      > REPLCONF capa eof capa psync2
      = request REPLCONF capa eof capa psync2  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      > PSYNC {id} 15
      = request PSYNC {id} 15  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 14, asked {id} 15
      ? streaming
      <* SET k v
      = command @14..41 db? SET k v
    `)
  })

  it('of 6.2 and later: all words but PSYNC at once', () => {
    play(`
      > PING
      = request PING  -> client
      < +PONG
      = reply +PONG to PING
      > AUTH sekret
      = request AUTH (redacted)  -> client
      > REPLCONF listening-port 7000
      = request REPLCONF listening-port 7000  -> negotiating
      > REPLCONF capa eof capa psync2
      = request REPLCONF capa eof capa psync2  -> negotiating
      < +OK
      = reply +OK to AUTH
      < +OK
      = reply +OK to REPLCONF
      < +OK
      = reply +OK to REPLCONF
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 0
      = resync full {id} 0, asked ? -1
      ? awaiting-snapshot
    `)
  })

  it('with everything pipelined, PSYNC too', () => {
    play(String.raw`
      > PING
      = request PING  -> client
      > REPLCONF listening-port 7000
      = request REPLCONF listening-port 7000  -> negotiating
      > REPLCONF capa eof capa psync2
      = request REPLCONF capa eof capa psync2  -> negotiating
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      ? awaiting-resync
      < +PONG
      = reply +PONG to PING
      < +OK
      = reply +OK to REPLCONF
      < +OK
      = reply +OK to REPLCONF
      < +FULLRESYNC {id} 0
      = resync full {id} 0, asked ? -1
      << $2\r\nab
      = snapshot-begin length 2
      = snapshot-end 2 bytes, 0 ms
      ? streaming
    `)
  })

  it('with replies that interleave as they may', () => {
    play(`
      > PING
      = request PING  -> client
      > REPLCONF listening-port 7000
      = request REPLCONF listening-port 7000  -> negotiating
      < +PONG
      = reply +PONG to PING
      > REPLCONF capa eof
      = request REPLCONF capa eof  -> negotiating
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +OK
      = reply +OK to REPLCONF
      < +OK
      = reply +OK to REPLCONF
      < +FULLRESYNC {id} 7
      = resync full {id} 7, asked ? -1
      ? awaiting-snapshot
    `)
  })

  it('whose master knows no REPLCONF: the errors are tolerated', () => {
    play(`
      > PING
      = request PING  -> client
      < +PONG
      = reply +PONG to PING
      > REPLCONF listening-port 7000
      = request REPLCONF listening-port 7000  -> negotiating
      < -ERR unknown command 'REPLCONF'
      = error -ERR unknown command 'REPLCONF' to REPLCONF
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 1
      = resync full {id} 1, asked ? -1
      ? awaiting-snapshot
    `)
  })

  it('of Redis 8.6, which asks for more', () => {
    play(`
      > PING
      = request PING  -> client
      < +PONG
      = reply +PONG to PING
      > REPLCONF listening-port 7000
      = request REPLCONF listening-port 7000  -> negotiating
      > REPLCONF rdb-no-compress 1
      = request REPLCONF rdb-no-compress 1  -> negotiating
      > REPLCONF capa eof capa psync2 capa rdb-channel-repl
      = request REPLCONF capa eof capa psync2 capa rdb-channel-repl  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      < +OK
      = reply +OK to REPLCONF
      < +OK
      = reply +OK to REPLCONF
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 0
      = resync full {id} 0, asked ? -1
      ? awaiting-snapshot
    `)
  })

  it('of Valkey 9 in a cluster', () => {
    play(`
      > PING
      = request PING  -> client
      < +PONG
      = reply +PONG to PING
      > REPLCONF listening-port 7000
      = request REPLCONF listening-port 7000  -> negotiating
      > REPLCONF capa eof capa psync2
      = request REPLCONF capa eof capa psync2  -> negotiating
      > REPLCONF version 9.1.2
      = request REPLCONF version 9.1.2  -> negotiating
      > REPLCONF SET-CLUSTER-NODE-ID {id2}
      = request REPLCONF SET-CLUSTER-NODE-ID {id2}  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      < +OK
      = reply +OK to REPLCONF
      < +OK
      = reply +OK to REPLCONF
      < -ERR This instance has cluster support disabled
      = error -ERR This instance has cluster support disabled to REPLCONF
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 0
      = resync full {id} 0, asked ? -1
      ? awaiting-snapshot
    `)
  })

  it('that ends in a failover', () => {
    play(`
      > PSYNC {id} 4711 FAILOVER
      = request PSYNC {id} 4711 FAILOVER  -> awaiting-resync
      < +CONTINUE {id2}
      = resync partial {id2} 4710, asked {id} 4711
      ? streaming
      <* SET k v
      = command @4710..4737 db? SET k v
    `)
  })

  it('that is PSYNC and nothing else', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 0
      = resync full {id} 0, asked ? -1
      << $1\r\nx
      = snapshot-begin length 1
      = snapshot-end 1 bytes, 0 ms
      ? streaming
    `)
  })

  it('in lower case', () => {
    play(`
      > ping
      = request ping  -> client
      < +PONG
      = reply +PONG to PING
      > replconf LISTENING-PORT 7000
      = request replconf LISTENING-PORT 7000  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      > psync ? -1
      = request psync ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 0
      = resync full {id} 0, asked ? -1
      ? awaiting-snapshot
    `)
  })
})
