import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Item } from '../../lib/ports/metadata-table.ts';
import { MalformedBytes } from '../../lib/std/bytes.ts';
import { UnknownFormat } from '../../lib/store/format.ts';
import { encodeCluster } from '../../lib/store/system.ts';
import { decodeTopic, encodeTopic } from '../../lib/store/topic.ts';
import { clusters, topics } from './json-arbitraries.ts';

const fieldsOf = (item: Item): Record<string, unknown> =>
  JSON.parse(Buffer.from(item.body).toString('utf8')) as Record<string, unknown>;

const withFields = (item: Item, fields: Record<string, unknown>): Item => ({
  ...item,
  body: Buffer.from(JSON.stringify({ ...fieldsOf(item), ...fields })),
});

/** Fields that this release does not know. */
const later = fc.dictionary(
  fc.string().map((name) => `x-${name}`),
  fc.jsonValue(),
  {
    noNullPrototype: true,
  },
);
const normal = (fields: unknown): unknown => JSON.parse(JSON.stringify(fields));

test('a topic that is changed keeps the fields of a later release, and none of its own old ones', () => {
  fc.assert(
    fc.property(topics, topics, later, (old, changed, added) => {
      const before = withFields(encodeTopic(old), added);
      expect(decodeTopic(before)).toStrictEqual(old);
      const after = encodeTopic(changed, before);
      expect(decodeTopic(after)).toStrictEqual(changed);
      expect(fieldsOf(after)).toEqual({
        ...fieldsOf(encodeTopic(changed)),
        ...Object(normal(added)),
      });
    }),
  );
});

test('so does the cluster', () => {
  fc.assert(
    fc.property(clusters, clusters, later, (old, changed, added) => {
      const after = encodeCluster(changed, withFields(encodeCluster(old), added));
      const expected = { ...fieldsOf(encodeCluster(changed)), ...Object(normal(added)) };
      expect(fieldsOf(after)).toEqual(expected);
    }),
  );
});

test('nothing is written over a format that is not known', () => {
  fc.assert(
    fc.property(topics, (topic) => {
      const newer = withFields(encodeTopic(topic), { v: 2 });
      expect(() => encodeTopic(topic, newer)).toThrow(UnknownFormat);
    }),
    { numRuns: 20 },
  );
});

test.each(['', 'null', '[]', '{}', '{"v":"1"}', '{"v":1,"v":1.5}', '\ufffe'])(
  '%j is no body of a topic',
  (text) => {
    const item = { pk: 'TOPICS', sk: 'a', version: 0, appended: [], bytes: 0, limit: -1 };
    const body = text === '\ufffe' ? Uint8Array.of(0xff) : Buffer.from(text);
    expect(() => decodeTopic({ ...item, body })).toThrow(MalformedBytes);
  },
);
