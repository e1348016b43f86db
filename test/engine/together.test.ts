import { expect, test } from 'vitest';
import { together } from '../../lib/engine/together.ts';
import { VirtualClock } from './virtual-clock.ts';

test('all that went well, in the order of the works', async () => {
  const clock = new VirtualClock();
  const work = async (ms: number) => {
    await clock.sleep(ms);
    return ms;
  };
  expect(await clock.run(together([work(3), work(1), work(2)]))).toEqual([3, 1, 2]);
  expect(await together([])).toEqual([]);
});

test('a failure is told when all others have ended, the first one in order', async () => {
  const clock = new VirtualClock();
  const ended: number[] = [];
  const work = async (ms: number, fails: boolean) => {
    await clock.sleep(ms);
    ended.push(ms);
    if (fails) throw new Error(`failed after ${ms}`);
  };
  const works = [work(5, false), work(3, true), work(1, true)];
  await expect(clock.run(together(works))).rejects.toThrow('failed after 3');
  expect(ended).toEqual([1, 3, 5]);
});
