import { describe, expect, test } from 'vitest';
import { integerOf, isJsonValue, parseJson, toJson, valueText } from '../../lib/http/json.ts';

describe('parseJson', () => {
  test.each([
    '12345678901234567890',
    '{"a":[9007199254740993]}',
    '-9007199254740993',
    '0.12345678901234567890',
    '1e400',
    '1e-400',
    '123456789012345.678e300',
    '4.9e-324',
  ])('keeps every digit of %s', (text) => {
    expect(toJson(parseJson(text))).toBe(text);
    expect(valueText(parseJson(text))).toBe(text);
  });

  test.each([
    ['0', 0n],
    ['-1', -1n],
    ['9007199254740991', 9_007_199_254_740_991n],
    ['9007199254740992', 9_007_199_254_740_992n],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['12345678901234567000', 12_345_678_901_234_567_000n],
    ['1e3', 1_000n],
    ['2251799813685247.0', 2_251_799_813_685_247n],
    ['9007199254740993.0', undefined],
    ['-0.00000000000000000', 0n],
    ['1.5', undefined],
    ['1e30', undefined],
    ['1.00000000000000001', undefined],
    ['"1"', undefined],
    ['null', undefined],
  ])('reads %s as an integer', (text, expected) => {
    expect(integerOf(parseJson(text))).toBe(expected);
  });

  test.each([
    ['', 0, 'the end'],
    ['  ', 2, 'the end'],
    ['{"a":}', 5, '"}"'],
    ['{"a" 1}', 5, '"1"'],
    ['{"a":1}x', 7, '"x"'],
    ['[1,]', 3, '"]"'],
    ['[1 2]', 3, '"2"'],
    ['{"a":1,}', 7, '"}"'],
    ['{a:1}', 1, '"a"'],
    ['"a\nb"', 2, '"\\n"'],
    ['"\\x"', 1, '"\\\\"'],
    ['[1,2', 4, 'the end'],
    ['nul', 0, '"n"'],
    ['01', 1, '"1"'],
    ['{"a":{"b":[1,{"c":tru}]}}', 18, '"t"'],
  ])('says where %j stops being JSON', (text, at, got) => {
    const message = `expected JSON, got text that is not position=${at} got=${got}`;
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ errorCode: 40_001, message }));
  });

  test('a hostile depth is an answer, not a crash', () => {
    const deep = '['.repeat(1_000_000);
    expect(() => parseJson(deep)).toThrow(expect.objectContaining({ errorCode: 40_001 }));
    const closed = `{"n":12345678901234567890,"d":${deep}${']'.repeat(1_000_000)}}`;
    expect(() => parseJson(closed)).toThrow(expect.objectContaining({ errorCode: 40_001 }));
  });
});

describe('values', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test('are taken to a depth of 500', () => {
    expect(isJsonValue(nested(500))).toBe(true);
    expect(isJsonValue(nested(501))).toBe(false);
    expect(valueText(parseJson(nested(500)))).toBe(nested(500));
    expect(valueText(parseJson(nested(501)))).toBeUndefined();
    expect(valueText(parseJson(nested(100_000)))).toBeUndefined();
  });

  test('brackets in strings are not depth', () => {
    const text = JSON.stringify(`\\"${'['.repeat(2_000)}`);
    expect(isJsonValue(text)).toBe(true);
  });

  test.each(['', 'x', '{', '\ufeff1', "'a'", 'tru', '1 2', 'NaN'])('%j is no JSON', (text) => {
    expect(isJsonValue(text)).toBe(false);
  });

  test('bigints become digits', () => {
    expect(toJson({ offset: 2n ** 63n - 1n })).toBe('{"offset":9223372036854775807}');
  });
});
