/** Where a snapshot begins and ends, and what else may stand there; the signs are explained in playbook.ts. */
import { describe, it } from 'vitest'
import { play } from '../../support/playbook.ts'

describe('a snapshot', () => {
  it('is framed by its length, with the stream glued behind it', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      << +FULLRESYNC {id} 100\r\n$5\r\nREDIS*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n
      = resync full {id} 100, asked ? -1
      = snapshot-begin length 5
      = snapshot-end 5 bytes, 0 ms
      = command @100..127 db0 SET k v
    `)
  })

  it('is framed by a mark, with the stream glued behind it', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      << +FULLRESYNC {id} 100\r\n$EOF:{mark}\r\nRE{mark}*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n
      = resync full {id} 100, asked ? -1
      = snapshot-begin mark {mark}
      = snapshot-end 2 bytes, 0 ms
      = command @100..127 db0 SET k v
    `)
  })

  it('has parts of its mark inside', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      << $EOF:{mark}\r\n5ffd036ab1d2e3f45ffd036ab1d2e3f4a5b6c7d8e9f00112233445d{mark}
      = snapshot-begin mark {mark}
      = snapshot-end 55 bytes, 0 ms
      <* PING
      = ping @100..114
    `)
  })

  it('is empty, by mark', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      << $EOF:{mark}\r\n{mark}
      = snapshot-begin mark {mark}
      = snapshot-end 0 bytes, 0 ms
      <* PING
      = ping @100..114
    `)
  })

  it('is empty, by length', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      << $0\r\n
      = snapshot-begin length 0
      = snapshot-end 0 bytes, 0 ms
      <* PING
      = ping @100..114
    `)
  })

  it('takes its time, and is told with it', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      @ 5
      << $6\r\nabc
      = snapshot-begin length 6
      @ 20
      << def
      = snapshot-end 6 bytes, 20 ms
      >> \n
      = heartbeat of replica 30..31
      @ 1000
      >> \n
      = heartbeat of replica 31..32
    `)
  })

  it('is aborted by an error in its place', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      < -ERR BGSAVE failed, replication can't continue
      = error -ERR BGSAVE failed, replication can't continue to nothing
      ? awaiting-snapshot
      x master fin
      = closed by master (fin) during awaiting-snapshot, 30 up 106 down
    `)
  })

  it('is cut off by the end of the connection', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      << $6\r\nabc
      = snapshot-begin length 6
      ? snapshot
      x master reset
      = closed by master (reset) during snapshot, 30 up 65 down
    `)
  })

  it('is all that is wanted (rdb-only)', () => {
    play(String.raw`
      > REPLCONF rdb-only 1
      = request REPLCONF rdb-only 1  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      << $3\r\nabc
      = snapshot-begin length 3
      = snapshot-end 3 bytes, 0 ms
      x master fin
      = closed by master (fin) during streaming, 69 up 70 down
    `)
  })

  it('of functions only, filtered', () => {
    play(`
      > REPLCONF capa eof rdb-only 1
      = request REPLCONF capa eof rdb-only 1  -> negotiating
      > REPLCONF rdb-filter-only functions
      = request REPLCONF rdb-filter-only functions  -> negotiating
      < +OK
      = reply +OK to REPLCONF
      < +OK
      = reply +OK to REPLCONF
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      ? awaiting-snapshot
    `)
  })

  it('comes for SYNC without a word before it', () => {
    play(String.raw`
      >> sync\n
      = request sync  -> awaiting-snapshot
      << \n\n
      = heartbeat of master 0..1
      = heartbeat of master 1..2
      << $EOF:{mark}\r\nRDB{mark}
      = resync full undefined undefined, asked nothing
      = snapshot-begin mark {mark}
      = snapshot-end 3 bytes, 0 ms
      <* SELECT 0
      = command @? db0 SELECT 0
    `)
  })

  it('comes for SYNC sent as an array', () => {
    play(String.raw`
      > SYNC
      = request SYNC  -> awaiting-snapshot
      << $3\r\nabc
      = resync full undefined undefined, asked nothing
      = snapshot-begin length 3
      = snapshot-end 3 bytes, 0 ms
      <* SELECT 0
      = command @? db0 SELECT 0
      <* PING
      = ping @?
    `)
  })
})

describe('bytes where a snapshot should begin', () => {
  it('are text', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      < HELLO
      = fatal fault REPL_BAD_SNAPSHOT_HEADER at master 58: after FULLRESYNC expected "$", got "H"
      ? opaque
      < +anything
      > PING
      = request PING  -> opaque
      x replica fin
      = closed by replica (fin) during opaque, 44 up 76 down
    `)
  })

  it('are a reply', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      < +OK
      = fatal fault REPL_BAD_SNAPSHOT_HEADER at master 58: after FULLRESYNC expected "$", got "+"
      ? opaque
    `)
  })

  it('are no length', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      < $12x4
      = fatal fault REPL_BAD_SNAPSHOT_HEADER at master 65: "$12x4" announces no snapshot
      ? opaque
    `)
  })

  it('are a negative length', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      < $-1
      = fatal fault REPL_BAD_SNAPSHOT_HEADER at master 63: "$-1" announces no snapshot
      ? opaque
    `)
  })

  it('are a mark that is too short', () => {
    play(`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      < $EOF:abc
      = fatal fault REPL_BAD_SNAPSHOT_HEADER at master 68: "$EOF:abc" announces no snapshot
      ? opaque
    `)
  })

  it('are control characters, which the fault must not repeat', () => {
    play(String.raw`
      >> SYNC\r\n
      = request SYNC  -> awaiting-snapshot
      << \x1b[2J\r\n
      = fatal fault REPL_BAD_SNAPSHOT_HEADER at master 0: after SYNC expected "$", got "\x1b"
      ? opaque
    `)
  })

  it('are a line that does not end', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked ? -1
      << $1\n
      = fatal fault RESP_BAD_LINE_END at master 60: a line must end in CR LF
      ? opaque
    `)
  })
})
