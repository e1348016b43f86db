import { describe, expect, test } from 'vitest';
import { acquireLease, renewLease } from '../../../lib/core/lease/lease-machine.ts';
import type { Lease, LeaseReply, LeaseRequest } from '../../../lib/core/lease/lease-machine.ts';
import type { Machine, Step } from '../../../lib/core/machine.ts';
import { play } from '../script.ts';

const input = { name: 'job', owner: 'a', address: '', durationMs: 15_000, takeOver: true };
const held = (owner: string, epoch: number, version: number): Lease => ({
  name: 'job',
  owner,
  address: '',
  epoch,
  durationMs: 15_000,
  version,
});

const got = (lease: Lease | undefined): LeaseReply => ({
  kind: 'get-lease',
  outcome: { kind: 'done', value: lease },
});
const put: LeaseReply = { kind: 'put-lease', outcome: { kind: 'done', value: undefined } };
const lost: LeaseReply = { kind: 'put-lease', outcome: { kind: 'indeterminate', cause: 'test' } };
const refused = (item: Lease): LeaseReply => ({
  kind: 'put-lease',
  outcome: { kind: 'condition-failed', item },
});
const watched: LeaseReply = { kind: 'watch', outcome: { kind: 'done' } };

describe('acquire', () => {
  test('a lease that nobody has is taken at once, with epoch 1', () => {
    const { result } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(undefined)] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(result).toEqual({ kind: 'held', lease: held('a', 1, 0) });
  });

  test('a released one is taken at once, with the next epoch', () => {
    const { result } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(held('', 4, 9))] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(result).toEqual({ kind: 'held', lease: held('a', 5, 10) });
  });

  test('a held one is watched for its full duration, and taken if it stood still', () => {
    const { result, asked } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(asked).toContainEqual({ kind: 'watch', ms: 15_000 });
    expect(result).toEqual({ kind: 'held', lease: held('a', 5, 10) });
  });

  test('one that was renewed during the watch is watched anew', () => {
    const { result } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['get-lease'], replies: [got(held('b', 4, 10))] },
      { asks: ['watch'], replies: [watched], expired: true },
      { asks: ['get-lease'], replies: [got(held('b', 4, 11))], expired: true },
    ]);
    expect(result).toEqual({ kind: 'taken', lease: held('b', 4, 11) });
  });

  test('one whose watch was cut short is left alone', () => {
    const { result } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
      { asks: ['watch'], replies: [watched], expired: true },
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))], expired: true },
    ]);
    expect(result).toEqual({ kind: 'taken', lease: held('b', 4, 9) });
  });

  test('without taking over, a held one is left alone', () => {
    const { result } = play(acquireLease, { ...input, takeOver: false }, [
      { asks: ['get-lease'], replies: [got(held('b', 4, 9))] },
    ]);
    expect(result).toEqual({ kind: 'taken', lease: held('b', 4, 9) });
  });

  test('an unanswered put is looked up: it may have landed', () => {
    const { result } = play(acquireLease, input, [
      { asks: ['get-lease'], replies: [got(undefined)] },
      { asks: ['put-lease'], replies: [lost] },
      { asks: ['get-lease'], replies: [got(held('a', 1, 0))] },
    ]);
    expect(result).toEqual({ kind: 'held', lease: held('a', 1, 0) });
  });
});

describe('renew', () => {
  test('on its version', () => {
    const { result } = play(renewLease, held('a', 3, 7), [{ asks: ['put-lease'], replies: [put] }]);
    expect(result).toEqual({ kind: 'held', lease: held('a', 3, 8) });
  });

  test('lost once another has it', () => {
    const { result } = play(renewLease, held('a', 3, 7), [
      { asks: ['put-lease'], replies: [refused(held('b', 4, 8))] },
      { asks: ['get-lease'], replies: [got(held('b', 4, 8))] },
    ]);
    expect(result).toEqual({ kind: 'lost' });
  });

  test('an unanswered renewal that landed is held; one that did not is sent again', () => {
    const landed = play(renewLease, held('a', 3, 7), [
      { asks: ['put-lease'], replies: [lost] },
      { asks: ['get-lease'], replies: [got(held('a', 3, 8))] },
    ]);
    expect(landed.result).toEqual({ kind: 'held', lease: held('a', 3, 8) });
    const again = play(renewLease, held('a', 3, 7), [
      { asks: ['put-lease'], replies: [lost] },
      { asks: ['get-lease'], replies: [got(held('a', 3, 7))] },
      { asks: ['watch'], replies: [watched] },
      { asks: ['put-lease'], replies: [put] },
    ]);
    expect(again.result).toEqual({ kind: 'held', lease: held('a', 3, 8) });
  });
});

/**
 * All interleavings of two contenders and a late copy of every unanswered put: an epoch has one
 * owner for ever, and the item's epoch never goes back.
 */
test('an epoch never has two owners, whatever is lost or late', () => {
  interface Contender {
    readonly step: Step<unknown, LeaseRequest, unknown>;
    readonly faults: number;
  }
  interface World {
    readonly item: Lease | undefined;
    /** Who put each epoch. */
    readonly owners: Readonly<Record<number, string>>;
    readonly late: readonly Lease[];
    readonly contenders: readonly Contender[];
  }
  const machine = acquireLease as Machine<typeof input, unknown, LeaseRequest, LeaseReply, unknown>;
  const seen = new Set<string>();

  /** The world after a put, and its answer. */
  const apply = (world: World, next: Lease): { world: World; reply: LeaseReply } => {
    const { item, owners } = world;
    const fits = next.version === 0 ? item === undefined : item?.version === next.version - 1;
    if (!fits) return { world, reply: refused(item as Lease) };
    expect(owners[next.epoch] ?? next.owner).toBe(next.owner);
    expect(next.epoch).toBeGreaterThan(item?.epoch ?? 0);
    const after = { ...world, item: next, owners: { ...owners, [next.epoch]: next.owner } };
    return { world: after, reply: put };
  };

  const visit = (world: World): void => {
    const key = JSON.stringify(world);
    if (seen.has(key)) return;
    seen.add(key);
    world.late.forEach((copy, i) => {
      const { world: after } = apply(world, copy);
      visit({ ...after, late: world.late.filter((_, j) => j !== i) });
    });
    world.contenders.forEach((contender, i) => {
      const { step, faults } = contender;
      if (step.kind === 'end') return;
      const [request] = step.requests;
      const go = (reply: LeaseReply, after: World, cost = 0): void => {
        const next = machine.step(step.state, [reply], faults === 0);
        const moved = { step: next, faults: faults - cost };
        const contenders = world.contenders.map((other, j) => (j === i ? moved : other));
        visit({ ...after, contenders });
      };
      if (request?.kind === 'watch') return go(watched, world);
      if (request?.kind === 'get-lease') return go(got(world.item), world);
      if (request?.kind !== 'put-lease') return;
      const applied = apply(world, request.lease);
      go(applied.reply, applied.world);
      if (faults === 0) return;
      go(lost, applied.world, 1);
      go(lost, { ...world, late: [...world.late, request.lease] }, 1);
    });
  };
  const contender = (owner: string): Contender => ({
    step: machine.start({ ...input, owner }),
    faults: 2,
  });
  visit({ item: undefined, owners: {}, late: [], contenders: [contender('a'), contender('b')] });
  expect(seen.size).toBeGreaterThan(100);
});
