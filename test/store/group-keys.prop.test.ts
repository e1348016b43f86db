import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberKey, partsOf } from '../../lib/core/group/group.ts';
import {
  groupSubject,
  listedGroupKey,
  listedGroupsRange,
  subjectGroup,
} from '../../lib/store/group-listing.ts';
import { memberItemKey, memberRange, membersRange } from '../../lib/store/group-member.ts';
import { ownershipKey, ownershipRange } from '../../lib/store/group-ownership.ts';
import { groupOf, groupPk, memberOf } from '../../lib/store/group-pk.ts';
import { groupStateKey } from '../../lib/store/group-state.ts';
import { encodeTarget, targetRange, targetsUpTo } from '../../lib/store/group-target.ts';
import { logs, numbers } from './arbitraries.ts';
import { groupNames, memberKeys, targets } from './group-arbitraries.ts';
import { byBytes, isIn } from './records.ts';

test('names survive their keys, whatever they hold', () => {
  fc.assert(
    fc.property(groupNames, memberKeys, (group, key) => {
      expect(groupOf(groupPk(group))).toBe(group);
      expect(memberOf(memberItemKey(group, key).sk)).toBe(key);
    }),
  );
});

test('the list of groups has them all, by name', () => {
  fc.assert(
    fc.property(groupNames, (group) => {
      expect(isIn(listedGroupKey(group), listedGroupsRange)).toBe(true);
      expect(subjectGroup(groupSubject(group))).toBe(group);
      expect(groupSubject(group)).not.toContain('#');
    }),
  );
});

test('the items of one name lie by their join epochs, and apart from those of other names', () => {
  fc.assert(
    fc.property(memberKeys, numbers(10 ** 12, 1), memberKeys, (key, epoch, other) => {
      const { name, joinEpoch } = partsOf(key);
      const range = memberRange(name);
      const again = memberItemKey('g', memberKey(name, epoch));
      expect(isIn(again, range)).toBe(true);
      expect(Math.sign(byBytes(memberItemKey('g', key).sk, again.sk))).toBe(
        Math.sign(joinEpoch - epoch),
      );
      expect(isIn(memberItemKey('g', other), range)).toBe(partsOf(other).name === name);
    }),
  );
});

test('each kind of item has its range', () => {
  fc.assert(
    fc.property(memberKeys, logs, targets, targets, (key, log, target, other) => {
      const keys = [
        memberItemKey('g', key),
        ownershipKey('g', log),
        groupStateKey('g'),
        ...encodeTarget(target),
      ];
      expect(keys.filter((one) => isIn(one, membersRange))).toHaveLength(1);
      expect(keys.filter((one) => isIn(one, ownershipRange))).toHaveLength(1);
      expect(keys.filter((one) => isIn(one, targetRange(target)))).toHaveLength(keys.length - 3);
      const isOlder = other.epoch <= target.epoch;
      expect(encodeTarget(other).every((one) => isIn(one, targetsUpTo(target.epoch)))).toBe(
        isOlder,
      );
    }),
  );
});

test.each(['G', 'X#a', 'G#%', 'G#%zz', 'G#%3A', 'G#a#b'])('%s is no group', (pk) => {
  expect(() => groupOf(pk)).toThrow(/no group|no name/);
});

test.each(['M#', 'M#m:a@1', 'M#a@0000000000000001', 'M#m:a', 'M#m:a@9999999999999999'])(
  '%s is no member',
  (sk) => {
    expect(() => memberOf(sk)).toThrow(/no key of a member|no name/);
  },
);

test('a name that is too long, or half a pair, never becomes a key', () => {
  expect(() => groupPk('x'.repeat(401))).toThrow(/too long/);
  expect(() => groupPk('\ud800')).toThrow(/a name is text/);
});
