import { describe, expect, test } from 'vitest';
import { acquireLease, renewLease } from '../../../lib/core/lease/lease-machine.ts';
import type { Lease, LeaseReply } from '../../../lib/core/lease/lease-machine.ts';
import { play } from '../script.ts';

const input = { name: 'job', owner: 'a', address: 'here', durationMs: 15_000, takeOver: true };
const held = (owner: string, epoch: number, version: number): Lease => ({
  name: 'job',
  owner,
  address: owner === 'a' ? 'here' : 'there',
  epoch,
  durationMs: 9_000,
  version,
});
const own = (epoch: number, version: number): Lease => ({
  ...held('a', epoch, version),
  durationMs: 15_000,
});

const got = (lease: Lease | undefined): LeaseReply => ({
  kind: 'get-lease',
  outcome: { kind: 'done', value: lease },
});
const unread: LeaseReply = { kind: 'get-lease', outcome: { kind: 'throttled' } };
const put: LeaseReply = { kind: 'put-lease', outcome: { kind: 'done', value: undefined } };
const lost: LeaseReply = { kind: 'put-lease', outcome: { kind: 'indeterminate', cause: 'test' } };
const busy: LeaseReply = { kind: 'put-lease', outcome: { kind: 'unavailable', cause: 'test' } };
const refused = (item: Lease | undefined): LeaseReply => ({
  kind: 'put-lease',
  outcome: { kind: 'condition-failed', item },
});
const watched: LeaseReply = { kind: 'watch', outcome: { kind: 'done' } };

const again = { kind: 'watch', ms: 50 };
const get = { kind: 'get-lease', name: 'job' };
const putOf = (lease: Lease) => ({ kind: 'put-lease', lease });

describe('acquire', () => {
  test('a call that is refused is made again a little later', () => {
    const { result, asked } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [unread] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [got(undefined)] },
      { asks: ['put-lease'], replies: [busy] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [got(undefined)] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(asked).toEqual([get, again, get, putOf(own(1, 0)), again, get, putOf(own(1, 0))]);
    expect(result).toEqual({ kind: 'held', lease: own(1, 0) });
  });

  test('and is the last one when time is up', () => {
    const unheard = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [unread], expired: true },
    ]);
    expect(unheard.result).toEqual({ kind: 'expired' });
    for (const reply of [busy, lost]) {
      const { result } = play(acquireLease, input, [
        { asks: ['get-lease'], replies: [got(undefined)] },
        { asks: ['put-lease'], replies: [reply], expired: true },
      ]);
      expect(result).toEqual({ kind: 'expired' });
    }
  });

  test('a lease that could not be read meanwhile has not stood still', () => {
    const { asked } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [unread] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    const watch = { kind: 'watch', ms: 9_000 };
    expect(asked).toEqual([get, watch, get, again, get, watch, get, putOf(own(5, 10))]);
  });

  test('nor has one that came back after somebody else was in the way', () => {
    const { asked } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['put-lease'], replies: [refused(held('b', 4, 9))] },
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [got(held('', 4, 10))] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(asked.at(-1)).toEqual(putOf(own(5, 11)));
  });

  test.each([
    ['of an epoch that was not put', held('a', 2, 5)],
    ["of another's with the epoch that was put", held('b', 1, 0)],
  ])('after an unanswered put, a lease %s is not held', (_, found) => {
    const { result } = play(acquireLease, { ...input, takeOver: false }, [
      { asks: ['get-lease'], replies: [got(undefined)] },
      { asks: ['put-lease'], replies: [lost] },
      { asks: ['get-lease'], replies: [got(found)] },
    ]);
    expect(result).toEqual({ kind: 'taken', lease: found });
  });

  test('an unanswered put that did not land is sent again', () => {
    const { result } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(undefined)] },
      { asks: ['put-lease'], replies: [lost] },
      { asks: ['get-lease'], replies: [got(undefined)] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(result).toEqual({ kind: 'held', lease: own(1, 0) });
  });

  test("one's own of an earlier life is watched like another's", () => {
    const { asked } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(held('a', 4, 9))] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [got(held('a', 4, 9))] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(asked[1]).toEqual({ kind: 'watch', ms: 9_000 });
  });
});

describe('renew', () => {
  const lease = own(3, 7);
  const next = own(3, 8);

  test('a call that is refused is made again a little later, on the same version', () => {
    const { result, asked } = play(renewLease, lease, [
      { asks: ['put-lease'], replies: [busy] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['put-lease'], replies: [lost] },
      { asks: ['get-lease'], replies: [unread] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(asked).toEqual([putOf(next), again, putOf(next), get, again, putOf(next)]);
    expect(result).toEqual({ kind: 'held', lease: next });
  });

  test('what cannot be found out in time is lost: stop working', () => {
    const late = { expired: true };
    const ends = [
      [{ asks: ['put-lease'], replies: [busy], ...late }],
      [
        { asks: ['put-lease'], replies: [lost], ...late },
        { asks: ['get-lease'], replies: [unread], ...late },
      ],
      [
        { asks: ['put-lease'], replies: [lost] },
        { asks: ['get-lease'], replies: [got(lease)], ...late },
      ],
    ] as const;
    for (const script of ends) {
      expect(play(renewLease, lease, script).result).toEqual({ kind: 'lost' });
    }
  });

  test('it is held after all if the read shows it, also when time is up', () => {
    const { result } = play(renewLease, lease, [
      { asks: ['put-lease'], replies: [lost], expired: true },
      { asks: ['get-lease'], replies: [got(next)], expired: true },
    ]);
    expect(result).toEqual({ kind: 'held', lease: next });
  });

  test.each([
    ['deleted', undefined],
    ["another's of the same version", held('b', 3, 8)],
    ['of another epoch', own(4, 8)],
    ['of a later version', own(3, 9)],
  ])('lost if it is %s', (_, found) => {
    const { result } = play(renewLease, lease, [
      { asks: ['put-lease'], replies: [refused(found)] },
      { asks: ['get-lease'], replies: [got(found)] },
    ]);
    expect(result).toEqual({ kind: 'lost' });
  });

  test('a release is a renewal without an owner', () => {
    const { asked } = play(renewLease, { ...lease, owner: '' }, [
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(asked).toEqual([putOf({ ...next, owner: '' })]);
  });
});
