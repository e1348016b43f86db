import { expect, test } from 'vitest';
import { pauseMsMax } from '../../lib/core/log/requests.ts';
import type { Environment } from '../../lib/ports/environment.ts';
import { contextOf, httpEvent } from './events.ts';
import type { Handler } from './events.ts';
import { append, Deployed, instead } from './setup.ts';
import { writtenLines } from './written-lines.ts';

const lines = writtenLines();

/** A call with so much time, whose invocation has a name of its own. */
async function call(deployed: Deployed, handler: Handler, id: string, leftMs: number) {
  const { clock } = deployed;
  const startedMs = clock.monotonic();
  const left = (): number => startedMs + leftMs - clock.monotonic();
  const context = { ...contextOf(left), awsRequestId: id };
  const answer = await handler(httpEvent(append(id, 'x')), context);
  return { answer, tookMs: clock.monotonic() - startedMs };
}

async function deployedWith(...topics: readonly string[]): Promise<Deployed> {
  const deployed = new Deployed();
  for (const topic of topics) await deployed.createTopic(topic);
  lines.length = 0;
  return deployed;
}

test('calls at once in one process have each its own time', async () => {
  const deployed = await deployedWith('short', 'long');
  const handler = deployed.function('produce', (env: Environment) => ({
    ...env,
    table: instead(env.table, { put: () => Promise.resolve({ kind: 'throttled' }) }),
  }));
  const [long, short] = await deployed.clock.run(
    Promise.all([
      call(deployed, handler, 'long', 25_000),
      deployed.clock.sleep(4_000).then(() => call(deployed, handler, 'short', 6_000)),
    ]),
  );
  expect(long.tookMs).toBeGreaterThanOrEqual(20_000);
  expect(short.answer.body).toContain('50003');
  const written = lines.filter(({ message }) => message === 'call');
  expect(written).toHaveLength(2);
  for (const [id, workMs] of [
    ['short', 1_000],
    ['long', 20_000],
  ] as const) {
    const line = written.find(({ invocation_id: invocation }) => invocation === id);
    expect(line).toMatchObject({ path: `/topics/${id}/partitions/0` });
    expect(line?.['duration_ms']).toBeGreaterThanOrEqual(workMs);
    expect(line?.['duration_ms']).toBeLessThanOrEqual(workMs + pauseMsMax);
  }
  expect(short.tookMs).toBeLessThan(long.tookMs);
});

test('what nobody foresaw is in the line of its own call', async () => {
  const deployed = await deployedWith('bad', 'good');
  const handler = deployed.function('produce', (env) => ({
    ...env,
    table: instead(env.table, {
      get: async (key, options) => {
        await env.clock.sleep(50);
        if (JSON.stringify(key).includes('bad')) throw new TypeError('a bug');
        return env.table.get(key, options);
      },
    }),
  }));
  const [bad, good] = await deployed.clock.run(
    Promise.all([call(deployed, handler, 'bad', 25_000), call(deployed, handler, 'good', 25_000)]),
  );
  expect([bad.answer.statusCode, good.answer.statusCode]).toEqual([500, 200]);
  const written = lines.filter(({ message }) => message === 'call');
  expect(written).toHaveLength(2);
  for (const line of written) {
    const isBad = line['invocation_id'] === 'bad';
    expect(line['level']).toBe(isBad ? 'ERROR' : 'INFO');
    expect(Object.hasOwn(line, 'errors')).toBe(isBad);
  }
});
