import { expect, test } from 'vitest';
import { lagEvent } from '../../functions/configuration.ts';
import { lagFunction, tellLag } from '../../functions/lag-function.ts';
import type { LagResult } from '../../functions/lag-function.ts';
import { embeddedMetrics } from '../../functions/metrics.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import type { PartitionLag } from '../../lib/broker/group-types.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import { contextOf } from './events.ts';
import { append, Deployed } from './setup.ts';
import { writtenLines } from './written-lines.ts';

const lines = writtenLines();
const metrics = embeddedMetrics('deployment-1');

const lagging = (topic: string, partition: number, lag?: bigint): PartitionLag => ({
  topic,
  partition,
  logEndOffset: 100n,
  ...(lag === undefined ? {} : { lag }),
});

/** Measures groups of such lags, by their names; what is thrown is thrown. */
function tell(
  lags: Readonly<Record<string, readonly PartitionLag[] | Error>>,
  expired: () => boolean = () => false,
): Promise<LagResult> {
  const groupLag = async (group: string): Promise<readonly PartitionLag[]> => {
    const lag = lags[group];
    if (lag instanceof Error) throw lag;
    return lag ?? [];
  };
  return tellLag(Object.keys(lags), { groupLag }, metrics, expired);
}

const told = (): unknown[] =>
  lines.map(({ service, group, topic, ConsumerLag: lag }) => [service, group, topic, lag]);

test('each topic of each group is a metric of its own: the sum of its partitions', async () => {
  const result = await tell({
    billing: [lagging('orders', 0, 3n), lagging('orders', 1, 0n), lagging('payments', 0, 7n)],
    search: [lagging('orders', 0, 0n)],
  });
  expect(result).toEqual({ groups: 2, told: 3, left: 0 });
  expect(told()).toEqual([
    ['deployment-1', 'billing', 'orders', 3],
    ['deployment-1', 'billing', 'payments', 7],
    ['deployment-1', 'search', 'orders', 0],
  ]);
  expect(lines[0]).toMatchObject({
    _aws: {
      CloudWatchMetrics: [
        {
          Namespace: 'Tailrace',
          Dimensions: [expect.arrayContaining(['service', 'group', 'topic'])],
          Metrics: [{ Name: 'ConsumerLag', Unit: 'Count' }],
        },
      ],
    },
  });
});

test('where nothing is committed nobody knows what a group has still to read', async () => {
  await tell({ g: [lagging('t', 0), lagging('t', 1, 2n), lagging('u', 0)] });
  expect(told()).toEqual([['deployment-1', 'g', 't', 2]]);
});

test('names that CloudWatch does not take are percent-encoded', async () => {
  await tell({ 'größe 50%': [lagging('t', 0, 1n)] });
  expect(told()).toEqual([['deployment-1', 'gr%C3%B6%C3%9Fe%2050%25', 't', 1]]);
});

test('a group that went is no failure, one without an answer is left, and a bug is a bug', async () => {
  const gone = new ProtocolError('GROUP_ID_NOT_FOUND', 'no such group');
  const silent = new ProtocolError('KAFKA_STORAGE_ERROR', 'the store does not answer');
  const result = await tell({ gone, silent, fine: [lagging('t', 0, 1n)] });
  expect(result).toEqual({ groups: 3, told: 1, left: 1 });
  await expect(tell({ broken: new TypeError('a bug') })).rejects.toThrow('a bug');
});

test('what does not fit into its time is left', async () => {
  const lags = { a: [lagging('t', 0, 1n)], b: [lagging('t', 0, 2n)] };
  let looks = 0;
  const result = await tell(lags, () => (looks += 1) > 1);
  expect(result).toEqual({ groups: 2, told: 1, left: 1 });
  expect(told()).toEqual([['deployment-1', 'a', 't', 1]]);
});

test('the function finds all groups, and says what it did in a line', async () => {
  const deployed = new Deployed();
  await deployed.createTopic('t', 2);
  await deployed.ask(deployed.function('produce'), append('t', 'x'));
  const { clock } = deployed;
  const broker = createBroker(deployed.parts().engine);
  for (const group of ['a', 'b']) {
    const offsets = [{ topic: 't', partition: 0, offset: group === 'a' ? 0n : 1n }];
    await clock.run(broker.commitOffsets({ group, offsets }));
  }
  lines.length = 0;
  const context = contextOf(() => 300_000);
  const result = await clock.run(lagFunction(deployed.parts())(lagEvent, context));
  expect(result).toEqual({ groups: 2, told: 2, left: 0 });
  expect(told().slice(0, 2)).toEqual([
    ['d', 'a', 't', 1],
    ['d', 'b', 't', 0],
  ]);
  expect(lines[2]).toMatchObject({ level: 'INFO', groups: 2, told: 2, left: 0, cold_start: true });
});
