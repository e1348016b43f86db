import { expect, test } from 'vitest';
import { tellLag } from '../../functions/lag-function.ts';
import { embeddedMetrics } from '../../functions/metrics.ts';
import type { GroupBroker, PartitionLag } from '../../lib/broker/group-types.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import { writtenLines } from './written-lines.ts';

const lines = writtenLines();
const metrics = embeddedMetrics('deployment-1');
const inTime = () => false;

const lagging = (topic: string, partition: number, lag?: bigint): PartitionLag => ({
  topic,
  partition,
  logEndOffset: 100n,
  ...(lag === undefined ? {} : { lag }),
});

/** Groups by their names; what is thrown is thrown. */
function brokerOf(
  lags: Readonly<Record<string, readonly PartitionLag[] | Error>>,
): Pick<GroupBroker, 'listGroups' | 'groupLag'> {
  return {
    listGroups: async () =>
      Object.keys(lags).map((group) => ({
        group,
        status: 'empty',
        members: 0,
        assignor: 'uniform',
      })),
    groupLag: async (group) => {
      const lag = lags[group];
      if (lag instanceof Error) throw lag;
      return lag ?? [];
    },
  };
}

const told = (): unknown[] =>
  lines.map(({ service, group, topic, ConsumerLag: lag }) => [service, group, topic, lag]);

test('each topic of each group is a metric of its own: the sum of its partitions', async () => {
  const broker = brokerOf({
    billing: [lagging('orders', 0, 3n), lagging('orders', 1, 0n), lagging('payments', 0, 7n)],
    search: [lagging('orders', 0, 0n)],
  });
  expect(await tellLag(broker, metrics, inTime)).toEqual({ groups: 2, told: 3, left: 0 });
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
  const broker = brokerOf({ g: [lagging('t', 0), lagging('t', 1, 2n), lagging('u', 0)] });
  await tellLag(broker, metrics, inTime);
  expect(told()).toEqual([['deployment-1', 'g', 't', 2]]);
});

test('names that CloudWatch does not take are percent-encoded', async () => {
  await tellLag(brokerOf({ 'größe 50%': [lagging('t', 0, 1n)] }), metrics, inTime);
  expect(told()).toEqual([['deployment-1', 'gr%C3%B6%C3%9Fe%2050%25', 't', 1]]);
});

test('a group that went is no failure, one without an answer is left, and a bug is a bug', async () => {
  const gone = new ProtocolError('GROUP_ID_NOT_FOUND', 'no such group');
  const silent = new ProtocolError('KAFKA_STORAGE_ERROR', 'the store does not answer');
  const broker = brokerOf({ gone, silent, fine: [lagging('t', 0, 1n)] });
  expect(await tellLag(broker, metrics, inTime)).toEqual({ groups: 3, told: 1, left: 1 });
  const broken = brokerOf({ broken: new TypeError('a bug') });
  await expect(tellLag(broken, metrics, inTime)).rejects.toThrow('a bug');
});

test('what does not fit into its time is left', async () => {
  const lags = { a: [lagging('t', 0, 1n)], b: [lagging('t', 0, 2n)] };
  let looks = 0;
  const result = await tellLag(brokerOf(lags), metrics, () => (looks += 1) > 1);
  expect(result).toEqual({ groups: 2, told: 1, left: 1 });
  expect(told()).toEqual([['deployment-1', 'a', 't', 1]]);
});
