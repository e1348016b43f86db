import { expect, test } from 'vitest';
import { Fleet } from '../../bench/groups/fleet.ts';

/** Until a group of five is stable; then one dies. */
async function run(seed: number) {
  const fleet = new Fleet(20, 5_000, seed);
  await fleet.createTopic();
  fleet.start(5);
  await fleet.until(() => fleet.isStable);
  const stableMs = fleet.scheduler.nowMs;
  const [one] = fleet.alive;
  if (one !== undefined) Object.assign(one, { isDead: true, owned: [] });
  await fleet.until(() => fleet.isServed);
  return { stableMs, servedMs: fleet.scheduler.nowMs, requests: fleet.calls.length };
}

test('a fleet of members forms a group, and gets over a death after its session', async () => {
  const { stableMs, servedMs } = await run(1);
  expect(stableMs).toBeLessThan(10_000);
  expect(servedMs - stableMs).toBeGreaterThan(30_000);
});

test('one seed always gives the same history', async () => {
  const first = await run(7);
  expect(await run(7)).toEqual(first);
  expect(await run(8)).not.toEqual(first);
});
