import { expect, test } from 'vitest';
import { itemBytes } from '../../lib/adapters/bounds.ts';
import { formatOne } from '../../lib/core/log/config.ts';
import type { LogRun, SpillGroup } from '../../lib/core/log/spill-group.ts';
import { commandId, leaderEpoch, offset } from '../../lib/std/brands.ts';
import { limits } from '../../lib/std/limits.ts';
import { commandBytes } from '../../lib/store/command-codec.ts';
import { snapshotBytes } from '../../lib/store/head-codec.ts';
import { stageKey } from '../../lib/store/object-keys.ts';
import { decodeGroup, encodeGroup } from '../../lib/store/spill-group.ts';
import {
  fullHead,
  inlineRun,
  log,
  objectRun,
  ownObject,
  sampleGroup,
  typicalHead,
} from './samples.ts';

/** The design's bound of a snapshot. */
const snapshotBytesMax = 800;

const typical = snapshotBytes(typicalHead);
test(`a snapshot without producers takes ${typical} bytes`, () => {
  expect(typical).toBeLessThanOrEqual(80);
});

const counted = snapshotBytes(fullHead((i) => 3_000_000n + BigInt(i)));
test(`a full snapshot with producer ids from a counter takes ${counted} bytes`, () => {
  expect(counted).toBeLessThanOrEqual(snapshotBytesMax);
});

const random = snapshotBytes(fullHead((i) => 2n ** 63n - 1n - BigInt(i)));
test(`a full snapshot with producer ids of 63 bits takes ${random} bytes`, () => {
  expect(random).toBeLessThanOrEqual(snapshotBytesMax);
});

const small = commandBytes({
  kind: 'data',
  id: commandId('aabbcc0000000001'),
  runs: [inlineRun(100)],
});
test(`a command with 100 bytes inline takes ${small}`, () => {
  expect(small).toBeLessThanOrEqual(130);
});

const large = commandBytes({
  kind: 'data',
  id: commandId('aabbcc0000000001'),
  runs: [objectRun(ownObject, 0)],
  epoch: 412,
});
test(`a command with a run in an object takes ${large} bytes`, () => {
  expect(large).toBeLessThanOrEqual(50);
});

/** `perSlot` commands of `perCommand` runs in each slot; `keyOf` names the object of a command. */
function groupOf(perSlot: number, perCommand: number, keyOf: (i: number) => string): SpillGroup {
  const commands = formatOne.spillSlots * perSlot;
  const runs = Array.from({ length: commands * perCommand }, (_, i): LogRun => {
    const run = objectRun(keyOf(Math.floor(i / perCommand)), i * 20_000);
    const baseOffset = offset(9_158_000n + BigInt(i * run.count));
    return { baseOffset, leaderEpoch: leaderEpoch(1), content: { kind: 'run', run } };
  });
  const ids = Array.from({ length: commands }, (_, i) => ({
    id: commandId(`aabbcc${String(i).padStart(10, '0')}`),
    verdicts: runs.slice(i * perCommand, (i + 1) * perCommand).map((run) => {
      const { baseOffset } = run;
      return { kind: 'accepted', baseOffset, leaderEpoch: leaderEpoch(1) } as const;
    }),
  }));
  return { ...sampleGroup, runs, commands: ids };
}

const spilled = encodeGroup(
  log,
  groupOf(25, 3, () => ownObject),
);
test(`a group of 32 slots of 25 commands of 3 runs takes ${itemBytes(spilled)} bytes`, () => {
  expect(itemBytes(spilled)).toBeLessThanOrEqual(limits.itemBytesMax / 4);
  expect(decodeGroup(log, spilled).runs).toHaveLength(32 * 25 * 3);
});

/** Commands of this kind fill a slot of 3,000 bytes, so there are no more of them. */
const objects = groupOf(90, 1, (i) => stageKey(412, log, String(i).padStart(16, '0')));
const referring = encodeGroup(log, objects);
test(`a group of 2,880 objects takes ${itemBytes(referring)} bytes`, () => {
  expect(itemBytes(referring)).toBeLessThanOrEqual(limits.itemBytesMax / 2);
  expect(decodeGroup(log, referring)).toStrictEqual(objects);
});
