import { expect, test } from 'vitest';
import { Deployment } from './deployment.ts';
import { createTopic, succeed } from './door.ts';
import { measure } from './figures.ts';
import type { Figures } from './figures.ts';
import { Gateway } from './gateway.ts';

const topic = 'figures';
const warmCalls = 60;
const record = JSON.stringify({ records: [{ value: 'x'.repeat(100), partition: 0 }] });

test.skipIf(process.platform !== 'linux')(
  'cold and warm calls of every function are answered, from bundles far below the limit',
  async () => {
    const deployment = await Deployment.open();
    const [admin, produce, fetch, maintain] = await Promise.all([
      deployment.add('admin'),
      deployment.add('produce'),
      deployment.add('fetch'),
      deployment.add('maintain'),
    ]);
    try {
      const gateway = new Gateway({ admin: [admin], produce: [produce], fetch: [fetch] });
      await createTopic(gateway, topic, 1);
      const ask = (method: string, path: string, body?: string) => async () => {
        await succeed(gateway, { method, path, ...(body === undefined ? {} : { body }) });
      };
      const figures: Figures[] = [
        await measure(produce, warmCalls, ask('POST', `/topics/${topic}`, record)),
        await measure(
          fetch,
          warmCalls,
          ask('GET', `/topics/${topic}/partitions/0/records?offset=${warmCalls}`),
        ),
        await measure(admin, warmCalls, ask('GET', `/topics/${topic}`)),
        await measure(maintain, warmCalls, async () => {
          expect(await maintain.invoke({})).toMatchObject({ outcome: 'answered' });
        }),
      ];
      console.table(figures);
      // Lambda's is 250 MB; what loads in time is far less.
      expect(Math.max(...figures.map(({ bundleBytes }) => bundleBytes))).toBeLessThan(2 * 2 ** 20);
    } finally {
      await deployment.close();
    }
  },
);
