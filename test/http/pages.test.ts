import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../lib/std/limits.ts';
import { ask } from './ask.ts';
import { fakeBroker } from './fake-broker.ts';
import type { FakeBroker } from './fake-broker.ts';

const topics = '/v3/clusters/cluster-1/topics';

interface Page {
  readonly metadata: { readonly self: string; readonly next: string | null };
  readonly data: readonly { readonly topic_name: string; readonly name: string }[];
}

async function pages(broker: FakeBroker, path: string): Promise<Page[]> {
  const all: Page[] = [];
  for (let next: string | null = path; next !== null;) {
    const { json, text, status } = await ask(broker, `GET ${next.replace('http://h:1', '')}`);
    expect(status, text).toBe(200);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.responseBytesMax);
    const page = json as Page;
    all.push(page);
    next = page.metadata.next;
  }
  return all;
}

async function brokerWith(names: readonly string[]): Promise<FakeBroker> {
  const broker = await fakeBroker();
  broker.topics.clear();
  for (const name of names.toSorted()) await broker.createTopic({ name });
  return broker;
}

test('hold every entry once, in order, whatever their size', async () => {
  const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,8}$/);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name), fc.integer({ min: 1, max: 9 }), async (names, size) => {
      const broker = await brokerWith(names);
      const all = await pages(broker, `${topics}?page_size=${size}`);
      expect(all.flatMap(({ data }) => data.map((each) => each.topic_name))).toEqual(
        names.toSorted(),
      );
      for (const { data } of all.slice(0, -1)) expect(data).toHaveLength(size);
    }),
    { numRuns: 50 },
  );
});

test('name themselves, and without a size are the whole', async () => {
  const broker = await brokerWith(['a', 'b', 'c']);
  const [whole] = await pages(broker, topics);
  expect(whole?.metadata).toEqual({ self: `http://h:1${topics}`, next: null });
  expect(whole?.data).toHaveLength(3);
  const [first, second] = await pages(broker, `${topics}?page_size=2`);
  expect(first?.metadata.self).toBe(`http://h:1${topics}?page_size=2`);
  expect(second?.metadata.self).toBe(first?.metadata.next);
});

test('go on behind an entry that is gone', async () => {
  const broker = await brokerWith(['a', 'b', 'c']);
  const { json } = await ask(broker, `GET ${topics}?page_size=2`);
  broker.topics.delete('b');
  const next = String((json as Page).metadata.next).replace('http://h:1', '');
  const rest = await ask(broker, `GET ${next}`);
  expect((rest.json as Page).data.map((each) => each.topic_name)).toEqual(['c']);
});

test('end before an answer is too large, and none is empty', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `topic-${index}`);
  const all = await pages(await brokerWith(names), `${topics}/-/configs?page_size=1000`);
  expect(all.every(({ data }) => data.length > 0)).toBe(true);
  const keys = all.flatMap(({ data }) => data.map((each) => `${each.topic_name} ${each.name}`));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.length % names.length).toBe(0);
  expect(keys).toEqual(keys.toSorted());
});

test.each(['', '*', 'YQ=', 'YR', '_w'])(
  'the token %j, which no page gave, is refused',
  async (token) => {
    const answer = await ask(await brokerWith(['a']), `GET ${topics}?page_token=${token}`);
    expect(answer.json).toMatchObject({ error_code: 40_001 });
    expect(answer.text).toContain('page_token');
  },
);
