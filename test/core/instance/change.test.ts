import { describe, expect, test } from 'vitest';
import { changeInstance } from '../../../lib/core/instance/change.ts';
import type { ChangeInput, InstanceReply } from '../../../lib/core/instance/change.ts';
import type { Instance } from '../../../lib/core/instance/instance.ts';
import { done } from '../../../lib/ports/outcome.ts';
import type { ConditionalOutcome } from '../../../lib/ports/outcome.ts';
import { sampleInstance } from '../../store/instance-samples.ts';
import { play } from '../script.ts';

/** Of a change of its turn, which tells who made it. */
const standing: Instance = { ...sampleInstance, version: 7, by: 'before', turn: 0 };
const mine: Instance = { ...standing, version: 8, by: 'me', turn: 1, touchedMs: 100 };
const anothers: Instance = { ...standing, version: 8, by: 'another', turn: 5 };
const after: Instance = { ...anothers, version: 9, by: 'me', turn: 1, touchedMs: 100 };

const input: ChangeInput<string> = {
  group: standing.group,
  name: standing.name,
  by: 'me',
  nowMs: 100,
  firstVersion: 1_000,
  decide: (found) =>
    found === undefined
      ? { kind: 'put', instance: { ...standing, turn: 1 }, told: 'new' }
      : { kind: 'put', instance: { ...found, turn: 1 }, told: `over ${found.turn}` },
};
const removal: ChangeInput<string> = { ...input, decide: () => ({ kind: 'delete', told: 'gone' }) };

type Outcome = ConditionalOutcome<undefined, Instance>;

const read = (found: Instance | undefined): InstanceReply => ({
  kind: 'get-instance',
  outcome: done(found),
});
const put = (outcome: Outcome): InstanceReply => ({
  kind: 'put-instance',
  outcome,
});
const deleted = (outcome: Outcome): InstanceReply => ({
  kind: 'delete-instance',
  outcome,
});
const inTheWay = (item: Instance | undefined): Outcome => ({
  kind: 'condition-failed',
  item,
});
const noReply = { kind: 'indeterminate', cause: 'no reply' } as const;
const throttled = { kind: 'throttled' } as const;
const paused: InstanceReply = { kind: 'wait', outcome: done(undefined) };
const failed: InstanceReply = { kind: 'get-instance', outcome: { kind: 'unavailable', cause: '' } };

const gets = (reply: InstanceReply) => ({ asks: ['get-instance'] as const, replies: [reply] });
const puts = (outcome: Outcome) => ({
  asks: ['put-instance'] as const,
  replies: [put(outcome)],
});
const deletes = (outcome: Outcome) => ({
  asks: ['delete-instance'] as const,
  replies: [deleted(outcome)],
});
const waits = { asks: ['wait'] as const, replies: [paused] };

const run = (...script: Parameters<typeof play>[2]) =>
  play(changeInstance<string>(), input, script as never).result;
const remove = (...script: Parameters<typeof play>[2]) =>
  play(changeInstance<string>(), removal, script as never).result;

describe('a change', () => {
  test('is put on the version that was read', () => {
    const { result, asked } = play(changeInstance<string>(), input, [
      gets(read(standing)),
      puts(done(undefined)),
    ]);
    expect(asked.at(-1)).toEqual({ kind: 'put-instance', instance: mine, over: 7 });
    expect(result).toEqual({ kind: 'told', told: 'over 0', instance: mine });
  });

  test('who loses decides again on what stands in the way, without a read', () => {
    expect(run(gets(read(standing)), puts(inTheWay(anothers)), puts(done(undefined)))).toEqual({
      kind: 'told',
      told: 'over 5',
      instance: after,
    });
  });

  test('a new one begins with a version of its own; one that has expired goes on with its', () => {
    const fresh = run(gets(read(undefined)), puts(done(undefined)));
    expect(fresh).toMatchObject({ told: 'new', instance: { version: 1_000 } });
    const expired = { ...standing, touchedMs: 0, config: { ...standing.config, timeoutMs: 99 } };
    const again = run(gets(read(expired)), puts(done(undefined)));
    expect(again).toMatchObject({ told: 'new', instance: { version: 8 } });
  });

  test('nothing that failed for certain was done', () => {
    const late = { ...gets(failed), expired: true };
    expect(run(gets(failed), waits, late)).toEqual({ kind: 'expired' });
    const busy = { ...puts(throttled), expired: true };
    expect(run(gets(read(standing)), puts(throttled), waits, busy)).toEqual({ kind: 'expired' });
  });
});

describe('a put that was not answered', () => {
  const lost = [gets(read(standing)), puts(noReply)];
  const told = { kind: 'told', told: 'over 0', instance: mine };

  test('is found by who put it', () => {
    expect(run(...lost, gets(read(mine)))).toEqual(told);
    expect(run(...lost, gets(failed), waits, gets(read(mine)))).toEqual(told);
  });

  test('is sent again on the same version, where the first may yet land', () => {
    expect(run(...lost, gets(read(standing)), puts(done(undefined)))).toEqual(told);
    // The first copy landed after all, and stands in the way of the second.
    expect(run(...lost, gets(read(standing)), puts(inTheWay(mine)))).toEqual(told);
    expect(run(...lost, gets(read(standing)), puts(noReply), gets(read(mine)))).toEqual(told);
  });

  test('never lands once another one has taken its version', () => {
    const other = { kind: 'told', told: 'over 5', instance: after };
    expect(run(...lost, gets(read(anothers)), puts(done(undefined)))).toEqual(other);
    expect(
      run(...lost, gets(read(standing)), puts(inTheWay(anothers)), puts(done(undefined))),
    ).toEqual(other);
  });

  test('is unknown where others have gone on since, or deleted it, or time is up', () => {
    const unknown = { kind: 'unknown' };
    expect(run(...lost, gets(read({ ...anothers, version: 9 })))).toEqual(unknown);
    expect(run(...lost, gets(read(undefined)))).toEqual(unknown);
    expect(run(...lost, { ...gets(failed), expired: true })).toEqual(unknown);
    expect(run(gets(read(standing)), { ...puts(noReply), expired: true })).toEqual(unknown);
    const busy = { ...puts(throttled), expired: true };
    expect(run(...lost, gets(read(standing)), busy)).toEqual(unknown);
  });
});

describe('a deletion', () => {
  const gone = { kind: 'told', told: 'gone', instance: undefined };

  test('is on the version that was read', () => {
    expect(remove(gets(read(standing)), deletes(done(undefined)))).toEqual(gone);
    expect(
      remove(gets(read(standing)), deletes(inTheWay(anothers)), deletes(done(undefined))),
    ).toEqual(gone);
    expect(remove(gets(read(standing)), deletes(inTheWay(undefined)))).toEqual(gone);
  });

  test('that was not answered is looked at, and done again if it was not done', () => {
    const lost = [gets(read(standing)), deletes(noReply)];
    expect(remove(...lost, gets(read(undefined)))).toEqual(gone);
    expect(remove(...lost, gets(read(standing)), deletes(done(undefined)))).toEqual(gone);
    expect(remove(...lost, { ...gets(failed), expired: true })).toEqual({ kind: 'unknown' });
  });
});
