import { describe, expect, test } from 'vitest';
import { jsonRecords, textRecords } from '../../lib/cli/record-lines.ts';
import type { RecordOptions } from '../../lib/cli/record-lines.ts';

const none: RecordOptions = { headers: [] };
const line = (text: string | Buffer) => ({ number: 3, bytes: Buffer.from(text) });
const text = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;

describe('lines of text', () => {
  test.each([
    ['a value', {}, 'v', undefined, 'v'],
    ['an empty value', {}, '', undefined, ''],
    ['a key', { keySeparator: ':' }, 'k:v', 'k', 'v'],
    ['only the first separator', { keySeparator: ':' }, 'k:v:w', 'k', 'v:w'],
    ['a long separator', { keySeparator: '::' }, 'a:b::c', 'a:b', 'c'],
    ['no separator', { keySeparator: ':' }, 'v', undefined, 'v'],
    ['an empty key', { keySeparator: ':' }, ':v', '', 'v'],
    ['an empty value behind a key', { keySeparator: ':' }, 'k:', 'k', ''],
    ['a tombstone', { keySeparator: ':', null: '' }, 'k:', 'k', null],
    ['a null key', { keySeparator: ':', null: 'NULL' }, 'NULL:v', null, 'v'],
    ['a null value', { null: 'NULL' }, 'NULL', undefined, null],
    ['a key of all', { key: 'k' }, 'v', 'k', 'v'],
  ])('%s', (_what, options, given, key, value) => {
    const record = textRecords('t', { ...none, ...options })(line(given));
    expect(record?.topic).toBe('t');
    expect([text(record?.key), text(record?.value)]).toEqual([key, value]);
  });

  test('bytes stay what they are', () => {
    const record = textRecords('t', { ...none, keySeparator: '\t' })(
      line(Buffer.from([0xff, 0x09, 0x80, 0x00])),
    );
    expect([text(record?.key), text(record?.value)]).toEqual(['\u00ff', '\u0080\u0000']);
  });

  test('headers and partition are those of all', () => {
    const headers = [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ];
    expect(textRecords('t', { headers, partition: 4 })(line('v'))).toMatchObject({
      headers,
      partition: 4,
    });
  });
});

describe('JSON objects', () => {
  const parse = (json: string, options: Partial<RecordOptions> = { topic: 't' }) =>
    jsonRecords({ ...none, ...options })(line(json));

  test.each([
    ['{}', null, null],
    ['{"key":"k","value":"v"}', 'k', 'v'],
    ['{"value":""}', null, ''],
    ['{"value":null}', null, null],
    ['{"key":7,"value":{"a":[1,true,null]}}', '7', '{"a":[1,true,null]}'],
    ['{"value":12345678901234567890.10}', null, '12345678901234567890.10'],
    ['{"value":{"__base64":"/wCA"}}', null, '\u00ff\u0000\u0080'],
    ['{"value":{"__base64":"x","more":1}}', null, '{"__base64":"x","more":1}'],
  ])('%s', (json, key, value) => {
    const record = parse(json);
    expect([text(record?.key), text(record?.value)]).toEqual([key, value]);
  });

  test('empty lines are passed over', () => {
    expect([parse(''), parse('  \r')]).toEqual([undefined, undefined]);
  });

  test('what the command line says goes first', () => {
    const json = '{"topic":"a","partition":1,"key":"k"}';
    expect(parse(json, {})).toMatchObject({ topic: 'a', partition: 1, key: 'k' });
    expect(parse(json, { topic: 'b', partition: 2, key: 'l' })).toMatchObject({
      topic: 'b',
      partition: 2,
      key: 'l',
    });
  });

  test.each([
    ['1700000000000', 1_700_000_000_000n],
    ['"9007199254740993"', 9_007_199_254_740_993n],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['"1970-01-01T00:00:01Z"', 1_000n],
  ])('the timestamp %s', (timestamp, expected) => {
    expect(parse(`{"timestamp":${timestamp}}`)?.timestamp).toBe(expected);
  });

  test('headers are a list or an object, and those of the command line follow', () => {
    const headers = [{ name: 'z', value: '9' }];
    const listed = '{"headers":[{"name":"a","value":"1"},{"name":"a","value":null}]}';
    expect(parse(listed, { topic: 't', headers })?.headers).toEqual([
      { name: 'a', value: '1' },
      { name: 'a', value: null },
      ...headers,
    ]);
    expect(parse('{"headers":{"a":"1","b":null}}')?.headers).toEqual([
      { name: 'a', value: '1' },
      { name: 'b', value: null },
    ]);
  });

  test.each([
    ['nonsense', 'expected JSON'],
    ['[]', 'expected a JSON object, got [] line=3'],
    ['7', 'expected a JSON object, got 7 line=3'],
    ['{"payload":1}', 'got payload line=3'],
    ['{"partition":-1}', 'expected a partition, got -1 line=3'],
    ['{"partition":"0"}', 'expected a partition, got "0" line=3'],
    ['{"timestamp":-1}', 'expected a timestamp in ms or as ISO 8601, got -1 line=3'],
    ['{"timestamp":"soon"}', 'expected a timestamp'],
    ['{"headers":[{"value":1}]}', 'expected headers with a name and a value'],
    ['{"headers":7}', 'expected headers as a list or an object, got 7 line=3'],
    ['{"value":{"__base64":"?"}}', 'expected padded base64'],
  ])('%s is refused with its line', (json, message) => {
    expect(() => parse(json)).toThrow(message);
    expect(() => parse(json)).toThrow('line=3');
  });

  test('a topic must be somewhere, and a line must be UTF-8', () => {
    expect(() => parse('{}', {})).toThrow('expected a topic');
    expect(() => jsonRecords({ ...none, topic: 't' })(line(Buffer.from([0xff])))).toThrow(
      'expected UTF-8',
    );
  });
});
