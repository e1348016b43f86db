import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Deployment } from './deployment.ts';
import { createTopic, succeed } from './door.ts';
import { measure } from './figures.ts';
import type { Figures } from './figures.ts';
import { Gateway } from './gateway.ts';
import type { FunctionService } from './service.ts';

const topic = 'figures';
const warmCalls = 60;
const record = JSON.stringify({ records: [{ value: 'x'.repeat(100), partition: 0 }] });

test.skipIf(process.platform !== 'linux')(
  'cold and warm calls of every function are answered, from bundles far below the limit',
  async () => {
    const deployment = await Deployment.open();
    // What Node and the runtime client take, whatever they run.
    const empty = await deployment.add('maintain', {
      name: '(empty)',
      taskRoot: join(import.meta.dirname, 'fixtures'),
      handler: 'probe.handler',
    });
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
      const invoke = (service: FunctionService) => async () => {
        expect(await service.invoke({})).toMatchObject({ outcome: 'answered' });
      };
      const figures: Figures[] = [
        await measure(empty, warmCalls, invoke(empty)),
        await measure(produce, warmCalls, ask('POST', `/topics/${topic}`, record)),
        await measure(
          fetch,
          warmCalls,
          ask('GET', `/topics/${topic}/partitions/0/records?offset=${warmCalls}`),
        ),
        await measure(admin, warmCalls, ask('GET', `/topics/${topic}`)),
        await measure(maintain, warmCalls, invoke(maintain)),
      ];
      console.table(figures);
      // Lambda's is 250 MB; what loads in time is far less.
      expect(Math.max(...figures.map(({ bundle }) => bundle))).toBeLessThan(2 * 2 ** 20);
    } finally {
      await deployment.close();
    }
  },
);
