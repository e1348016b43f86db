import { describe, expect, test } from 'vitest';

import { decompress } from '../../lib/protocol/compression.ts';
import { refusal } from './batches.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const read = (stream: Buffer): string =>
  Buffer.from(decompress('snappy', stream, 1 << 20)).toString();

const header = '82534e4150505900 00000001 00000001';

test('a copy reaches back 2047 bytes with one byte of offset and three bits of its tag', () => {
  const literal = Buffer.concat([Buffer.from('abcd'), Buffer.alloc(256, '.')]);
  const stream = Buffer.concat([hex('8802 f40301'), literal, hex('2104')]);
  expect(read(stream)).toBe(`${literal.toString()}abcd`);
});

describe('a stream is corrupt', () => {
  test.each([
    ['with a length of six bytes', '8080808080 00'],
    [
      'with a copy from before its block',
      `${header} 00000004 020461 62 00000007 06 0061 0102 0062`,
    ],
    ['with an empty block', `${header} 00000000`],
  ])('%s', (_, bytes) => {
    expect(refusal(() => read(hex(bytes)))).toBe('CORRUPT_MESSAGE');
  });

  test('that promises more than its bytes can hold, before anything is unfolded', () => {
    expect(() => read(hex('80803f 0061'))).toThrow('cannot hold what it declares');
  });
});
