import type { LogRecord } from '../../../../lib/protocol/record.ts';

const text = (string: string): Buffer => Buffer.from(string);
const at = 1_700_000_000_000n;

/** What the golden batches beside this file hold. */
export const goldenRecords: readonly LogRecord[] = [
  { key: text('key'), value: text('välue'), headers: [], timestamp: at },
  { key: null, value: text('no key'), headers: [], timestamp: at + 5n },
  { key: text('tombstone'), value: null, headers: [], timestamp: at + 900_000n },
  { key: text(''), value: text(''), headers: [], timestamp: at + 1n },
  {
    key: text('headers'),
    value: Buffer.alloc(300, 'abc'),
    headers: [
      { name: 'näme', value: text('1') },
      { name: 'empty', value: text('') },
    ],
    timestamp: at + 2n,
  },
];
