import { expect, test } from 'vitest';
import type { Target } from '../../../lib/core/group/group.ts';
import { sweepTargets } from '../../../lib/core/group/sweep-targets.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { emptyWorld } from '../../sim/explorer/groups/world.ts';
import type { World } from '../../sim/explorer/groups/world.ts';
import { play } from '../script.ts';
import { state } from './build.ts';
import { runOn } from './run.ts';

const targets = (...all: readonly (readonly [number, string])[]): World['targets'] =>
  new Map(all.map(([epoch, id]): [string, Target] => [id, { group: 'g', epoch, id, members: [] }]));

test('targets of past epochs go, and those of this epoch that lost; what may yet be named stays', () => {
  const all = targets([2, 'old'], [3, 'lost'], [3, 't3'], [4, 'next']);
  const { result, world, calls } = runOn(
    { ...emptyWorld, state: state(3), targets: all },
    sweepTargets,
    { group: 'g' },
  );
  expect(result).toEqual({ deleted: 2 });
  expect([...world.targets.keys()]).toEqual(['t3', 'next']);
  expect(calls).toEqual(['get-state', 'query-targets', 'delete-target', 'delete-target']);
});

test('a group without a state has no epochs that are past', () => {
  const { calls } = runOn({ ...emptyWorld, targets: targets([1, 'next']) }, sweepTargets, {
    group: 'g',
  });
  expect(calls).toEqual(['get-state']);
});

test('what could not be read or deleted is not counted', () => {
  const throttled = { kind: 'throttled' } as const;
  const read = { kind: 'get-state', outcome: done(state(3)) } as const;
  const unread = play(sweepTargets, { group: 'g' }, [
    { asks: ['get-state'], replies: [read] },
    { asks: ['query-targets'], replies: [{ kind: 'query-targets', outcome: throttled }] },
  ]);
  expect(unread.result).toEqual({ deleted: 0 });
  const found = [...targets([1, 'a'], [2, 'b']).values()];
  const { result } = play(sweepTargets, { group: 'g' }, [
    { asks: ['get-state'], replies: [read] },
    { asks: ['query-targets'], replies: [{ kind: 'query-targets', outcome: done(found) }] },
    {
      asks: ['delete-target', 'delete-target'],
      replies: [
        { kind: 'delete-target', outcome: throttled },
        { kind: 'delete-target', outcome: done(undefined) },
      ],
    },
  ]);
  expect(result).toEqual({ deleted: 1 });
});
