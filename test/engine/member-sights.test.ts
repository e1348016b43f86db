import { expect, test } from 'vitest';
import { memberKey } from '../../lib/core/group/group.ts';
import type { Member } from '../../lib/core/group/group.ts';
import { MemberSights } from '../../lib/engine/member-sights.ts';
import { entryAt, sampleMember } from '../store/group-samples.ts';

const { group } = sampleMember;
const at = (version: number, epoch = 1): Member => ({
  ...sampleMember,
  key: memberKey('m:one', epoch),
  version,
});

/** What is told after these were seen, one after the other. */
function lastOf(...seen: readonly Member[]): number | undefined {
  const sights = new MemberSights();
  for (const member of seen) sights.see('m:one', member);
  return sights.last(group, 'm:one')?.version;
}

test('an item is told only if nobody else wrote since the sight before', () => {
  expect(lastOf()).toBeUndefined();
  expect(lastOf(at(5))).toBeUndefined();
  expect(lastOf(at(5), at(6))).toBe(6);
  expect(lastOf(at(5), at(5))).toBe(5);
  expect(lastOf(at(5), at(6), at(8))).toBeUndefined();
  expect(lastOf(at(5), at(8), at(9))).toBe(9);
  expect(lastOf(at(5), at(6, 2))).toBeUndefined();
});

test('items of other members and groups are others', () => {
  const sights = new MemberSights();
  for (const version of [1, 2]) sights.see('m:one', at(version));
  expect(sights.last(group, 'm:two')).toBeUndefined();
  expect(sights.last('other', 'm:one')).toBeUndefined();
  sights.forget(group, 'm:one');
  expect(sights.last(group, 'm:one')).toBeUndefined();
});

test('what is large is not kept, and of what is small only the newest', () => {
  const large = Array.from({ length: 501 }, (_, i) => entryAt(i));
  expect(lastOf(at(1), { ...at(2), entries: large })).toBeUndefined();
  const sights = new MemberSights();
  for (let i = 0; i < 257; i += 1) {
    for (const version of [1, 2]) sights.see(`m:${i}`, at(version));
  }
  expect(sights.last(group, 'm:0')).toBeUndefined();
  expect(sights.last(group, 'm:1')?.version).toBe(2);
});
