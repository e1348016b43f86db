import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../../lib/client/bounded.ts';
import { consumerSettings } from '../../lib/client/consumer/settings.ts';
import { memberSettings } from '../../lib/client/group/settings.ts';
import { startTailrace } from '../../lib/client/start-tailrace.ts';
import type { RunOptions } from '../../lib/client/group-types.ts';
import { producerSettings } from '../../lib/client/producer/settings.ts';
import { backoffMs } from '../../lib/client/retries.ts';
import type { Codec } from '../../lib/protocol/compression.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';

/** The name of Kafka's with which each is refused; undefined for one that is taken. */
const refusals = (works: readonly (() => unknown)[]): unknown[] =>
  works.map((work) => {
    try {
      work();
      return undefined;
    } catch (error) {
      return error instanceof ProtocolError ? error.kafka : error;
    }
  });

test('the defaults are those that are documented', () => {
  expect(producerSettings({})).toMatchObject({
    lingerMs: 5,
    batchBytes: 262_144,
    compression: 'none',
    bufferBytes: 33_554_432,
    maxBlockMs: 60_000,
    deliveryTimeoutMs: 120_000,
    tryMs: 30_000,
    idempotent: true,
  });
  expect(producerSettings({ deliveryTimeoutMs: 100 }).tryMs).toBe(100);
  expect(consumerSettings({})).toMatchObject({
    from: 'beginning',
    offsetReset: 'beginning',
    minBytes: 1,
    maxWaitMs: 500,
    maxBytes: 1_048_576,
    prefetchBytes: 16_777_216,
  });
});

test.each([NaN, Infinity, -1, 0.5, 2 ** 53])('no option is %s', (value) => {
  const works = [
    () => producerSettings({ lingerMs: value }),
    () => producerSettings({ batchBytes: value }),
    () => producerSettings({ bufferBytes: value }),
    () => producerSettings({ maxBlockMs: value }),
    () => producerSettings({ deliveryTimeoutMs: value }),
    () => consumerSettings({ minBytes: value }),
    () => consumerSettings({ maxWaitMs: value }),
    () => consumerSettings({ maxBytes: value }),
    () => consumerSettings({ prefetchBytes: value }),
  ];
  expect(refusals(works)).toEqual(works.map(() => 'INVALID_CONFIG'));
});

test('bounds that stand elsewhere, and words', () => {
  const works = [
    () => producerSettings({ batchBytes: 4 * 1024 * 1024 + 1 }),
    () => producerSettings({ compression: 'brotli' as Codec }),
    () => consumerSettings({ maxWaitMs: 20_001 }),
    () => consumerSettings({ offsetReset: 'latest' as 'end' }),
    () => consumerSettings({ until: 'now' as 'end' }),
  ];
  expect(refusals(works)).toEqual(works.map(() => 'INVALID_CONFIG'));
});

test('times are whole ms that the log can hold', () => {
  expect(millis(5)).toBe(5n);
  expect(millis(new Date(7))).toBe(7n);
  expect(millis(2n ** 63n - 2n)).toBe(2n ** 63n - 2n);
  for (const wrong of [-1, 0.5, NaN, 2n ** 63n - 1n, new Date(NaN)]) {
    expect(() => millis(wrong)).toThrow(expect.objectContaining({ kafka: 'INVALID_TIMESTAMP' }));
  }
});

test('pauses double from 0.1 s to 1 s, give or take a fifth', () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const within = fc.property(fc.integer({ min: 1, max: 2_000 }), unit, (failures, drawn) => {
    const middle = failures > 4 ? 1_000 : 100 * 2 ** (failures - 1);
    const ms = backoffMs(failures, { next: () => drawn });
    expect(ms).toBeGreaterThanOrEqual(Math.floor(middle * 0.8));
    expect(ms).toBeLessThanOrEqual(Math.ceil(middle * 1.2));
  });
  fc.assert(within);
});

test('the defaults of a member are those that are documented', () => {
  expect(memberSettings({ group: 'g' })).toMatchObject({
    group: 'g',
    instanceId: undefined,
    clientId: 'tailrace',
    sessionTimeoutMs: 45_000,
    rebalanceTimeoutMs: 300_000,
    heartbeatIntervalMs: 5_000,
    assignor: undefined,
    autoCommitIntervalMs: 5_000,
  });
  const byHand = memberSettings({ group: 'g', autoCommit: false });
  expect(byHand.autoCommitIntervalMs).toBeUndefined();
});

test('what no member may be', () => {
  const group = 'g';
  const works = [
    () => memberSettings({ group: '' }),
    () => memberSettings({ group, instanceId: '' }),
    () => memberSettings({ group, sessionTimeoutMs: 5_999 }),
    () => memberSettings({ group, sessionTimeoutMs: 1_800_001 }),
    () => memberSettings({ group, rebalanceTimeoutMs: 0 }),
    () => memberSettings({ group, rebalanceTimeoutMs: 86_400_001 }),
    () => memberSettings({ group, heartbeatIntervalMs: 0 }),
    () => memberSettings({ group, sessionTimeoutMs: 6_000, heartbeatIntervalMs: 6_001 }),
    () => memberSettings({ group, autoCommitIntervalMs: -1 }),
    () => memberSettings({ group, assignor: 'fair' as 'uniform' }),
  ];
  expect(refusals(works)).toEqual(works.map(() => 'INVALID_CONFIG'));
});

test('a member is given no partitions, and a run needs a handler', async () => {
  await using client = await startTailrace();
  const given = { group: 'g', assignments: [{ topic: 't' }] };
  const works = [() => client.consumer(given)];
  expect(refusals(works)).toEqual(['INVALID_CONFIG']);
  const member = client.consumer({ group: 'g', topics: ['t'] });
  const nothing = {} as RunOptions<Buffer | null, Buffer | null>;
  await expect(member.run(nothing)).rejects.toMatchObject({ kafka: 'INVALID_REQUEST' });
  const many = { concurrency: 0, eachRecord: () => undefined };
  await expect(member.run(many)).rejects.toMatchObject({ kafka: 'INVALID_CONFIG' });
});
