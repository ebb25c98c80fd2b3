/** Those who are no replicas, and those who are not understood; the signs are explained in playbook.ts. */
import { describe, it } from 'vitest'
import { play } from '../../support/playbook.ts'

describe('an ordinary client', () => {
  it('of RESP2 asks and is answered', () => {
    play(String.raw`
      > SET k v
      = request SET k v  -> client
      > GET k
      = request GET k  -> client
      < +OK
      = reply +OK to SET
      << $1\r\nv\r\n
      = reply v to GET
      >> GET k\r\n
      = request GET k  -> client
      << $1\r\nv\r\n
      = reply v to GET
      ? client
    `)
  })

  it('of RESP3 gets maps, attributes, and pushes that answer nothing', () => {
    play(String.raw`
      > HELLO 3
      = request HELLO 3  -> client
      << %2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n
      = reply map 2 [server redis proto integer 3] to HELLO
      > CLIENT TRACKING ON
      = request CLIENT TRACKING ON  -> client
      > GET k
      = request GET k  -> client
      << >2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n
      = reply push 2 [invalidate array 1 [k]] to nothing
      < +OK
      = reply +OK to CLIENT
      << |1\r\n+ttl\r\n:5\r\n$1\r\nv\r\n
      = reply attribute 1 [+ttl integer 5] to nothing
      = reply v to GET
      > LPOP none
      = request LPOP none  -> client
      < _
      = reply null to LPOP
    `)
  })

  it('publishes and subscribes', () => {
    play(String.raw`
      > SUBSCRIBE news
      = request SUBSCRIBE news  -> client
      << *3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n
      = reply array 3 [subscribe news integer 1] to SUBSCRIBE
      << *3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n
      = reply array 3 [message news hi] to nothing
      > PING
      = request PING  -> client
      << *2\r\n$4\r\npong\r\n$0\r\n\r\n
      = reply array 2 [pong ""] to PING
    `)
  })

  it('is answered with an error', () => {
    play(`
      > NONSENSE
      = request NONSENSE  -> client
      < -ERR unknown command 'NONSENSE'
      = error -ERR unknown command 'NONSENSE' to NONSENSE
      ? client
    `)
  })

  it('has a reply before its request was seen, as captures may', () => {
    play(String.raw`
      < +PONG
      = reply +PONG to nothing
      > PING
      = request PING  -> client
      > GET k
      = request GET k  -> client
      << $1\r\nv\r\n
      = reply v to GET
    `)
  })

  it('has no reply that was long before its request, nor one that is no status', () => {
    play(String.raw`
      < +PONG
      = reply +PONG to nothing
      @ 20
      > PING
      = request PING  -> client
      < +PONG
      = reply +PONG to PING
      << $1\r\nv\r\n
      = reply v to nothing
      > PING
      = request PING  -> client
      < +PONG
      = reply +PONG to PING
    `)
  })

  it('says blank lines', () => {
    play(String.raw`
      >> \r\n\r\n
      > PING
      = request PING  -> client
      < +PONG
      = reply +PONG to PING
    `)
  })

  it('asks in quotes', () => {
    play(String.raw`
      >> set "a b" 'it\\'s'\n
      = request set "a b" "it's"  -> client
      < +OK
      = reply +OK to SET
      ? client
    `)
  })

  it('asks in quotes that do not match', () => {
    play(String.raw`
      >> set "a b\r\n
      = fatal fault RESP_BAD_INLINE at replica 0: unbalanced quotes in an inline command
      > PING
      < -ERR Protocol error: unbalanced quotes in request
      = error -ERR Protocol error: unbalanced quotes in request to nothing
      x master fin
      = closed by master (fin) during client, 24 up 51 down
    `)
  })

  it('speaks another protocol', () => {
    play(String.raw`
      >> GET / HTTP/1.1\r\nHost: x\r\n\r\n
      = request GET / HTTP/1.1  -> client
      = request Host: x  -> client
      < -ERR wrong number of arguments for 'get' command
      = error -ERR wrong number of arguments for 'get' command to GET
      x master fin
      = closed by master (fin) during client, 27 up 50 down
    `)
  })
})

describe('a side gone opaque', () => {
  it("is the replica's: the master still tells what happens", () => {
    play(String.raw`
      >> *1\r\n+PSYNC\r\n
      = fatal fault RESP_BAD_LENGTH at replica 4: expected "$" (an argument), got "+"
      < +FULLRESYNC {id} 100
      = resync full {id} 100, asked nothing
      << $2\r\nab
      = snapshot-begin length 2
      = snapshot-end 2 bytes, 0 ms
      <* SET k v
      = command @100..127 db0 SET k v
      ? streaming
    `)
  })

  it("is the replica's: CONTINUE is understood, its offset is not known", () => {
    play(String.raw`
      >> *1\r\n+PSYNC\r\n
      = fatal fault RESP_BAD_LENGTH at replica 4: expected "$" (an argument), got "+"
      < +CONTINUE {id}
      = resync partial {id} undefined, asked nothing
      <* SET k v
      = command @? db? SET k v
      ? streaming
    `)
  })

  it("is the master's: the replica's words are still told", () => {
    play(String.raw`
      > PING
      = request PING  -> client
      << !!!!\r\n
      = fatal fault RESP_BAD_LENGTH at master 1: "!" in the length after "!"
      ? opaque
      > REPLCONF listening-port 7000
      = request REPLCONF listening-port 7000  -> opaque
      > PSYNC ? -1
      = request PSYNC ? -1  -> opaque
      > REPLCONF ACK 5
      = ack 5, lag ? B ? ms
      x replica fin
      = closed by replica (fin) during opaque, 127 up 6 down
    `)
  })
})
