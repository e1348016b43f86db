import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, json, string } from '../../lib/client/serdes.ts';

test('strings come back as they were, a byte order mark too; null is null', () => {
  const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
  const same = fc.property(text, (value) => {
    expect(string.deserialize(string.serialize(value, 't'), 't')).toBe(value);
  });
  fc.assert(same);
  expect(string.deserialize(string.serialize('\u{feff}a', 't'), 't')).toBe('\u{feff}a');
  expect(string.serialize(null, 't')).toBeNull();
  expect(string.deserialize(null, 't')).toBeNull();
});

test('what would not come back is refused', () => {
  expect(() => string.serialize('\ud800', 't')).toThrow('surrogates');
  expect(() => string.deserialize(new Uint8Array([0xff]), 't')).toThrow(TypeError);
  const any = json<unknown>();
  expect(() => any.serialize(undefined, 't')).toThrow('expected a JSON value, got a undefined');
  expect(() => any.serialize(() => 1, 't')).toThrow('function');
  expect(() => any.serialize(1n, 't')).toThrow(TypeError);
  expect(() => any.deserialize(Buffer.from('{'), 't')).toThrow(SyntaxError);
});

test('JSON, whose null is the null of the log', () => {
  const any = json<unknown>();
  const same = fc.property(fc.jsonValue(), (value) => {
    const read = any.deserialize(any.serialize(value, 't'), 't');
    // −0 has no JSON of its own.
    expect(JSON.stringify(read)).toBe(JSON.stringify(value));
  });
  fc.assert(same);
  expect(any.serialize(null, 't')).toBeNull();
  expect(any.deserialize(null, 't')).toBeNull();
  expect(any.deserialize(Buffer.from('null'), 't')).toBeNull();
});

test('bytes as they are', () => {
  const some = new Uint8Array([1, 2]);
  expect(bytes.serialize(some, 't')).toBe(some);
  expect(bytes.deserialize(some, 't')).toBe(some);
  expect(bytes.deserialize(null, 't')).toBeNull();
});
