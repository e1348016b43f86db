import { expect, test } from 'vitest';
import type { AssignedPartition } from '../../../lib/broker/group-types.ts';
import { reconcile } from '../../../lib/client/group/reconcile.ts';
import type { Holding } from '../../../lib/client/group/reconcile.ts';

/** `3@7`: partition 3 under the grant of epoch 7; `3@7!`: it is being given up; `3@7/x`: of topic id x. */
function parse(text: string): Holding {
  const [, partition, grantedIn, topicId = 'T', going] =
    /^(\d+)@(\d+)(?:\/(\w+))?(!)?$/.exec(text) ?? [];
  return {
    topic: 't',
    topicId,
    partition: Number(partition),
    grantedIn: Number(grantedIn),
    isGoing: going !== undefined,
  };
}

const list = (text: string): Holding[] => text.split(' ').filter(Boolean).map(parse);
const show = (all: readonly (Holding | AssignedPartition)[]): string =>
  all.map(({ partition, grantedIn }) => `${partition}@${grantedIn}`).join(' ');

test.each([
  { what: 'the first', held: '', told: '0@1 1@1', gained: '0@1 1@1' },
  { what: 'the same', held: '0@1 1@1', told: '1@1 0@1' },
  { what: 'one more', held: '0@1', told: '0@1 1@2', gained: '1@2' },
  { what: 'one less', held: '0@1 1@1', told: '0@1', revoked: '1@1' },
  { what: 'another', held: '0@1', told: '1@2', gained: '1@2', revoked: '0@1' },
  { what: 'nothing', held: '0@1 1@2', told: '', revoked: '0@1 1@2' },
  { what: 'one that goes already', held: '0@1! 1@1', told: '1@1' },
  { what: 'one that goes, told again under its grant: it goes', held: '0@1!', told: '0@1' },
  { what: 'granted anew', held: '0@1 1@1', told: '0@3 1@1', gained: '0@3', lost: '0@1' },
  { what: 'granted anew while it goes', held: '0@1!', told: '0@3', gained: '0@3', lost: '0@1' },
  { what: 'created again', held: '0@1/A', told: '0@1/B', gained: '0@1', lost: '0@1' },
])('$what', ({ held, told, gained = '', revoked = '', lost = '' }) => {
  const changes = reconcile(list(held), list(told));
  expect(show(changes.gained)).toBe(gained);
  expect(show(changes.revoked)).toBe(revoked);
  expect(show(changes.lost)).toBe(lost);
});

test('what is gained is handed on as it was told', () => {
  const committed = { offset: 5n, leaderEpoch: 2, metadata: 'm' };
  const told = { topic: 't', topicId: 'T', partition: 1, grantedIn: 4, committed };
  expect(reconcile([], [told]).gained).toEqual([told]);
});
