import { expect, test } from 'vitest';
import type { Command } from '../../lib/core/log/command.ts';
import { firstOpening, replay } from '../../lib/core/log/slot.ts';
import type { Replayed } from '../../lib/core/log/slot.ts';
import { logConfig } from '../../lib/engine/engine.ts';
import { Sights } from '../../lib/engine/sights.ts';
import { VirtualClock } from './virtual-clock.ts';
import { commandId, partition, topicId } from '../../lib/std/brands.ts';

const logOf = (n: number) => ({ topicId: topicId('A'.repeat(22)), partition: partition(n) });

function slot(seq: number, commands: number): Replayed {
  const floors = Array.from({ length: commands }, (_, i): Command => {
    return { kind: 'floor', id: commandId(`${i}`.padStart(16, '0')), epoch: 0 };
  });
  const { snapshot } = firstOpening;
  const opened = { ...snapshot, end: { ...snapshot.end, seq } };
  return replay({ seq, snapshot: opened, commands: floors, bytes: 0, limit: 0 }, logConfig);
}

const sight = (seq: number, commands = 0) => ({ replayed: slot(seq, commands), ownBefore: 0 });

test('it keeps the newer: a later slot, or more of the same', () => {
  const sights = new Sights(new VirtualClock());
  const log = logOf(0);
  expect(sights.get(log)).toBeUndefined();
  const [first, more, next] = [sight(1, 1), sight(1, 3), sight(2)];
  for (const [seen, kept] of [
    [first, first],
    [more, more],
    [first, more],
    [next, next],
    [more, next],
    [undefined, next],
  ] as const) {
    sights.see(log, seen);
    expect(sights.get(log)?.replayed).toBe(kept.replayed);
  }
  expect(sights.get(logOf(1))).toBeUndefined();
  sights.forget(log);
  expect(sights.get(log)).toBeUndefined();
});

test('beyond its bound the log that was not used longest is forgotten', () => {
  const sights = new Sights(new VirtualClock());
  for (let n = 0; n < 4_096; n += 1) sights.see(logOf(n), sight(1));
  expect(sights.get(logOf(0))).toBeDefined();
  sights.see(logOf(4_096), sight(1));
  expect(sights.get(logOf(0))).toBeDefined();
  expect(sights.get(logOf(1))).toBeUndefined();
  expect(sights.get(logOf(2))).toBeDefined();
});

test('recent is what was seen within the last five milliseconds', async () => {
  const clock = new VirtualClock();
  const sights = new Sights(clock);
  const log = logOf(0);
  expect(sights.isRecent(log)).toBe(false);
  sights.see(log, sight(1));
  await clock.run(clock.sleep(4));
  expect(sights.isRecent(log)).toBe(true);
  await clock.run(clock.sleep(1));
  expect(sights.isRecent(log)).toBe(false);
  sights.see(log, sight(1));
  expect(sights.isRecent(log)).toBe(true);
});
