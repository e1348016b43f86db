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
const subscription = { subscribed_topic_names: [topic], session_timeout_ms: 1_800_000 };
const beat = (body: object) => ({
  method: 'POST',
  path: '/groups/figures/heartbeat',
  body: JSON.stringify({ member_id: 'm', ...body }),
});
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
    const [admin, produce, fetch, consume, maintain] = await Promise.all([
      deployment.add('admin'),
      deployment.add('produce'),
      deployment.add('fetch'),
      deployment.add('consume'),
      deployment.add('maintain'),
    ]);
    try {
      const gateway = new Gateway({
        admin: [admin],
        produce: [produce],
        fetch: [fetch],
        consume: [consume],
      });
      await createTopic(gateway, topic, 1);
      const joined = await succeed(gateway, beat({ member_epoch: 0, ...subscription }));
      const { member_epoch: epoch } = joined as { member_epoch: number };
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
        await measure(consume, warmCalls, async () => {
          await succeed(gateway, beat({ member_epoch: epoch }));
        }),
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
