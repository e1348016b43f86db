import { expect, test } from 'vitest';
import { maintainFunction } from '../../functions/maintain-function.ts';
import { contextOf } from './events.ts';
import { append, Deployed, instead } from './setup.ts';
import { writtenLines } from './written-lines.ts';

const lines = writtenLines();
const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event' };

async function withDeleted(...topics: readonly string[]): Promise<Deployed> {
  const deployed = new Deployed();
  const admin = deployed.function('admin');
  const health = await deployed.ask(admin, { line: 'GET /health' });
  const { cluster_id: id } = JSON.parse(health.body) as { cluster_id: string };
  for (const topic of topics) {
    await deployed.createTopic(topic, 2);
    await deployed.ask(deployed.function('produce'), append(topic, 'x'.repeat(10_000)));
    const gone = await deployed.ask(admin, { line: `DELETE /v3/clusters/${id}/topics/${topic}` });
    expect(gone.statusCode).toBe(204);
  }
  lines.length = 0;
  return deployed;
}

async function objectsOf({ stores }: Deployed): Promise<number> {
  const listed = await stores.objects.list('stage/');
  if (listed.kind !== 'done') throw new Error(listed.kind);
  return listed.value.keys.length;
}

test('does what is due, in one line, and nothing when nothing is', async () => {
  const deployed = await withDeleted('a', 'b');
  expect(await objectsOf(deployed)).toBe(2);
  const pass = maintainFunction(deployed.parts());
  const run = () =>
    deployed.clock.run(
      pass(
        scheduled,
        contextOf(() => 300_000),
      ),
    );
  expect(await run()).toEqual({ ran: true, done: 2, left: 0 });
  expect(lines[0]).toMatchObject({ level: 'INFO', ran: true, done: 2, left: 0, cold_start: true });
  expect(lines[1]).toMatchObject({ due_done: [1, 1] });
  expect(await objectsOf(deployed)).toBe(0);
  expect(await run()).toEqual({ ran: true, done: 0, left: 0 });
  expect(lines).toHaveLength(3);
});

test('leaves what does not fit into its time to the next pass', async () => {
  const deployed = await withDeleted('a', 'b', 'c');
  const parts = deployed.parts();
  // Two jobs fit.
  let looks = 0;
  const short = contextOf(() => ((looks += 1) > 4 ? 29_999 : 300_000));
  const first = await deployed.clock.run(maintainFunction(parts)(scheduled, short));
  expect(first.ran).toBe(true);
  expect(first.left).toBeGreaterThan(0);
  expect(first.done + first.left).toBe(3);
  const next = maintainFunction(deployed.parts());
  const second = await deployed.clock.run(
    next(
      scheduled,
      contextOf(() => 300_000),
    ),
  );
  expect(second).toEqual({ ran: true, done: first.left, left: 0 });
  expect(await objectsOf(deployed)).toBe(0);
});

test('a failure fails the call, and says why', async () => {
  const deployed = await withDeleted('a');
  const pass = maintainFunction(
    deployed.parts((env) => ({
      ...env,
      objects: instead(env.objects, {
        list: async () => {
          throw new TypeError('a bug');
        },
      }),
    })),
  );
  const call = deployed.clock.run(
    pass(
      scheduled,
      contextOf(() => 300_000),
    ),
  );
  await expect(call).rejects.toThrow('a bug');
  expect(lines[0]).toMatchObject({ level: 'ERROR', errors: [{ name: 'TypeError' }] });
  expect(lines[1]).toMatchObject({ unforeseen_errors: 1 });
});
