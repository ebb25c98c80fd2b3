/** Datasets that played masters give: small, and one of every type. */
import type { ByteString } from '../../bytes/byte-string.ts'
import { type RdbEntry, streamId } from '../../codec/rdb/encode-model.ts'
import type { Dataset } from '../step.ts'

const b = (text: string) => text as ByteString

function string(key: string, value: string, expireAt?: number): RdbEntry {
  return {
    key: b(key),
    value: { type: 'string', value: b(value) },
    ...(expireAt === undefined ? {} : { expireAt }),
  }
}

export const NOTHING: Dataset = { databases: [] }

/** Two keys. */
export const SMALL: Dataset = { databases: [{ db: 0, entries: [string('a', '1'), string('b', 'two')] }] }

/** Other keys than those of SMALL. */
export const OTHER: Dataset = { databases: [{ db: 0, entries: [string('c', '3')] }] }

/** A key that expired long ago, one that will in the year 2100, and one that never does. */
export const EXPIRING: Dataset = {
  databases: [
    {
      db: 0,
      entries: [
        string('gone', 'x', 1_000_000_000_000),
        string('later', 'y', 4_102_444_800_000),
        string('k', 'v'),
      ],
    },
  ],
}

export const EVERY_TYPE: Dataset = {
  databases: [
    {
      db: 0,
      entries: [
        string('text', 'hello'),
        string('number', '12345'),
        string('long', 'abc'.repeat(200)),
        string('binary', '\x00\xff\r\n'),
        { key: b('list'), value: { type: 'list', items: [b('a'), b('b'), b('1')] } },
        { key: b('numbers'), value: { type: 'set', members: [b('1'), b('2'), b('300')] } },
        { key: b('set'), value: { type: 'set', members: [b('x'), b('y')] } },
        {
          key: b('hash'),
          value: {
            type: 'hash',
            fields: [
              { field: b('f'), value: b('v') },
              { field: b('g'), value: b('7') },
            ],
          },
        },
        {
          key: b('zset'),
          value: {
            type: 'zset',
            members: [
              { member: b('m'), score: 1.5 },
              { member: b('n'), score: Number.POSITIVE_INFINITY },
            ],
          },
        },
        {
          key: b('stream'),
          value: {
            type: 'stream',
            entries: [
              { id: streamId('1-1'), fields: [b('f'), b('v')] },
              { id: streamId('2-0'), fields: [b('f'), b('w'), b('g'), b('x')] },
            ],
            lastId: streamId('2-0'),
            firstId: streamId('1-1'),
            maxDeletedId: streamId('0-0'),
            entriesAdded: 2,
            groups: [],
          },
        },
      ],
    },
    { db: 3, entries: [string('elsewhere', 'yes', 4_102_444_800_000)] },
  ],
}
