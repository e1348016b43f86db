import { expect, test } from 'vitest';
import { TimeLimits } from '../../../lib/client/http/time-limits.ts';
import { VirtualClock } from '../../engine/virtual-clock.ts';

test('each ends when its time is over, and at most a look later', async () => {
  const clock = new VirtualClock();
  const limits = new TimeLimits(clock);
  const ended: [string, number][] = [];
  const set = (name: string, ms: number) => {
    const end = () => void ended.push([name, clock.monotonic()]);
    limits.set(end, ms);
    return end;
  };
  await clock.run(
    (async () => {
      set('long', 30_000);
      const deleted = set('deleted', 5_000);
      await clock.sleep(100);
      // It is looked for more often from now on.
      set('short', 200);
      limits.delete(deleted);
      await clock.sleep(40_000);
      set('again', 1_000);
      await clock.sleep(2_000);
    })(),
  );
  expect(ended.map(([name]) => name)).toEqual(['short', 'long', 'again']);
  const late = [300, 30_000, 41_100].map((due, index) => (ended[index]?.[1] ?? 0) - due);
  for (const ms of late) expect(ms).toBeGreaterThanOrEqual(0);
  expect(late[0]).toBeLessThanOrEqual(20);
  expect(late[1]).toBeLessThanOrEqual(1_000);
  expect(late[2]).toBeLessThanOrEqual(100);
});

test('closed, they end nothing and hold nothing', async () => {
  const clock = new VirtualClock();
  const limits = new TimeLimits(clock);
  let ended = 0;
  limits.set(() => (ended += 1), 1_000);
  limits.close();
  await clock.run(clock.sleep(5_000));
  expect(ended).toBe(0);
});
