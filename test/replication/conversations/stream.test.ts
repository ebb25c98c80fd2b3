/** The stream of commands, with its offsets; the signs are explained in playbook.ts. */
import { describe, it } from 'vitest'
import { play } from '../../support/playbook.ts'

describe('the stream', () => {
  it('counts stray newlines, as a replica would', () => {
    play(String.raw`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
      << \n
      = heartbeat of master 38..39
      <* SET k v
      = command @128..155 db? SET k v
      << \r\n
      = heartbeat of master 66..68
      <* SET k v
      = command @157..184 db? SET k v
    `)
  })

  it('counts *0 and *-1', () => {
    play(String.raw`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      << *0\r\n
      = heartbeat of master 11..15
      <* SET k v
      = command @104..131 db? SET k v
      << *-1\r\n
      = heartbeat of master 42..47
      <* SET k v
      = command @136..163 db? SET k v
    `)
  })

  it('holds no inline commands', () => {
    play(String.raw`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
      << PING\r\n
      = fatal fault RESP_INLINE_COMMAND at master 38: expected "*" (a command), got "P"
      ? opaque
      <* SET k v
      > REPLCONF ACK 127
      = ack 127, lag 33 B 0 ms
    `)
  })

  it('holds no replies, and is told which byte is none', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      < +OK
      = fatal fault RESP_INLINE_COMMAND at master 11: expected "*" (a command), got "+"
      ? opaque
    `)
  })

  it('breaks inside a command', () => {
    play(String.raw`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      << *2\r\n$3\r\nGET\r\n:1\r\n
      = fatal fault RESP_BAD_LENGTH at master 24: expected "$" (an argument), got ":"
      ? opaque
    `)
  })

  it('numbers its transactions', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SELECT 0
      = command @100..123 db0 SELECT 0
      <* MULTI
      = command @123..138 db0 tx1 MULTI
      <* SET a 1
      = command @138..165 db0 tx1 SET a 1
      <* INCR b
      = command @165..186 db0 tx1 INCR b
      <* EXEC
      = command @186..200 db0 tx1 EXEC
      <* SET c 1
      = command @200..227 db0 SET c 1
      <* MULTI
      = command @227..242 db0 tx2 MULTI
      <* DEL a
      = command @242..262 db0 tx2 DEL a
      <* EXEC
      = command @262..276 db0 tx2 EXEC
    `)
  })

  it('has EXEC without MULTI, and MULTI without EXEC', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* EXEC
      = command @100..114 db? EXEC
      <* MULTI
      = command @114..129 db? tx1 MULTI
      <* SET a 1
      = command @129..156 db? tx1 SET a 1
      <* MULTI
      = command @156..171 db? tx2 MULTI
      <* SET a 2
      = command @171..198 db? tx2 SET a 2
      x master reset
      = closed by master (reset) during streaming, 71 up 109 down
    `)
  })

  it('has transactions in lower case, with a SELECT and a PING inside', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* multi
      = command @100..115 db? tx1 multi
      <* SELECT 2
      = command @115..138 db2 tx1 SELECT 2
      <* PING
      = ping @138..152
      <* SET a 1
      = command @152..179 db2 tx1 SET a 1
      <* exec
      = command @179..193 db2 tx1 exec
    `)
  })

  it('selects databases, and ignores a SELECT that selects none', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
      <* SELECT 3
      = command @127..150 db3 SELECT 3
      <* SET k v
      = command @150..177 db3 SET k v
      <* SELECT abc
      = command @177..202 db3 SELECT abc
      <* SET k v
      = command @202..229 db3 SET k v
      <* SELECT -1
      = command @229..253 db3 SELECT -1
      <* SET k v
      = command @253..280 db3 SET k v
      <* SELECT
      = command @280..296 db3 SELECT
      <* SET k v
      = command @296..323 db3 SET k v
      <* SELECT 1.5
      = command @323..348 db3 SELECT 1.5
      <* SET k v
      = command @348..375 db3 SET k v
      <* select 0
      = command @375..398 db0 select 0
      <* SET k v
      = command @398..425 db0 SET k v
    `)
  })

  it('writes in database 0 after a snapshot until it selects another', () => {
    play(String.raw`
      > PSYNC ? -1
      = request PSYNC ? -1  -> awaiting-resync
      < +FULLRESYNC {id} 0
      = resync full {id} 0, asked ? -1
      << $1\r\nx
      = snapshot-begin length 1
      = snapshot-end 1 bytes, 0 ms
      <* SET k v
      = command @0..27 db0 SET k v
      <* SELECT 9
      = command @27..50 db9 SELECT 9
      <* SET k v
      = command @50..77 db9 SET k v
    `)
  })

  it('asks for an ACK', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET k v
      = command @100..127 db? SET k v
      <* REPLCONF GETACK *
      = getack @127..164
      > REPLCONF ACK 127
      = ack 127, lag 37 B 0 ms
      <* PING
      = ping @164..178
      > REPLCONF ACK 178
      = ack 178, lag 0 B 0 ms
    `)
  })

  it('holds what only looks like PING and GETACK', () => {
    play(`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* PING hello
      = command @100..125 db? PING hello
      <* REPLCONF getack *
      = getack @125..162
      <* REPLCONF capa eof
      = command @162..199 db? REPLCONF capa eof
      <* ping
      = ping @199..213
    `)
  })

  it('holds bytes of every kind', () => {
    play(String.raw`
      > PSYNC {id} 101
      = request PSYNC {id} 101  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 100, asked {id} 101
      <* SET "a b" "\x00\xff\r\n*3\r\n$"
      = command @100..137 db? SET "a b" "\x00\xff\r\n*3\r\n$"
      <* SET "" ""
      = command @137..162 db? SET "" ""
      <* "" a
      = command @162..179 db? "" a
    `)
  })
})
