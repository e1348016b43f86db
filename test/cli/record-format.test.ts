import { describe, expect, test } from 'vitest';
import { compileFormat } from '../../lib/cli/record-format.ts';
import { recordJson } from '../../lib/cli/record-json.ts';
import { jsonRecords } from '../../lib/cli/record-lines.ts';

const record = {
  topic: 'rivers',
  partition: 2,
  offset: 7n,
  timestamp: 1_763_632_800_000n,
  key: Buffer.from('rhine'),
  value: Buffer.from('höhe=412'),
  headers: [
    { name: 'unit', value: Buffer.from('cm') },
    { name: 'none', value: null },
  ],
};
const tombstone = { ...record, key: null, value: null, headers: [] };
const noText = Buffer.from([0xff, 0x00, 0x80]);

function formatted(
  format: string,
  of: typeof record | typeof tombstone,
  nullText?: string,
): Buffer {
  const parts: Buffer[] = [];
  compileFormat(format, nullText)(of, (part) => parts.push(part));
  return Buffer.concat(parts);
}

describe('formats', () => {
  test.each([
    ['%t [%p] at offset %o: key %k: %s\\n', 'rivers [2] at offset 7: key rhine: höhe=412\n'],
    ['%T %S %K', '1763632800000 9 5'],
    ['%h', 'unit=cm,none='],
    ['100%%\\t\\r\\\\\\x41', '100%\t\r\\A'],
    ['', ''],
    ['plain ünïcode', 'plain ünïcode'],
  ])('%s', (format, expected) => {
    expect(formatted(format, record).toString('utf8')).toBe(expected);
  });

  test('null is empty, and its length is -1', () => {
    expect(formatted('%k|%s|%K|%S|%h', tombstone).toString()).toBe('||-1|-1|');
  });

  test('null may be written as a text', () => {
    expect(formatted('%k|%s|%S', tombstone, 'NULL').toString()).toBe('NULL|NULL|-1');
    expect(formatted('%h', record, 'NULL').toString()).toBe('unit=cm,none=NULL');
  });

  test('bytes go out as they are', () => {
    const bytes = formatted('%s\\0\\xfe', { ...record, value: noText });
    expect([...bytes]).toEqual([...noText, 0x00, 0xfe]);
  });

  test.each(['%x', '%', 'a\\', '\\q', '\\x4', '%s %'])('no format: %s', (format) => {
    expect(() => compileFormat(format)).toThrow('expected %s %S');
  });
});

describe('JSON', () => {
  test('is one line, with text as text', () => {
    expect(recordJson(record)).toBe(
      '{"topic":"rivers","partition":2,"offset":7,"timestamp":1763632800000,"key":"rhine",' +
        '"value":"höhe=412","headers":[{"name":"unit","value":"cm"},{"name":"none","value":null}]}',
    );
  });

  test('bytes that are no UTF-8 are marked', () => {
    const { value } = JSON.parse(recordJson({ ...record, value: noText })) as { value: unknown };
    expect(value).toEqual({ __base64: '/wCA' });
  });

  test.each([
    [2n ** 53n - 1n, 9_007_199_254_740_991],
    [2n ** 53n, '9007199254740992'],
    [2n ** 63n - 1n, '9223372036854775807'],
  ])('the offset %i', (offset, expected) => {
    const written = JSON.parse(recordJson({ ...record, offset })) as { offset: unknown };
    expect(written.offset).toBe(expected);
  });

  test.each([
    ['a record', record],
    ['a tombstone', tombstone],
    ['bytes', { ...record, key: noText, value: noText }],
    ['line feeds and quotes', { ...record, value: Buffer.from('"\n\u2028\\') }],
    ['a late one', { ...record, timestamp: 2n ** 60n }],
  ])('%s comes back as it was', (_what, each) => {
    const parsed = jsonRecords({ headers: [] })({
      number: 1,
      bytes: Buffer.from(recordJson(each)),
    });
    const bytes = (of: unknown): unknown => (typeof of === 'string' ? Buffer.from(of) : of);
    expect(parsed).toMatchObject({ topic: 'rivers', partition: 2, timestamp: each.timestamp });
    expect([bytes(parsed?.key), bytes(parsed?.value)]).toEqual([each.key, each.value]);
    expect(parsed?.headers).toHaveLength(each.headers.length);
  });
});
