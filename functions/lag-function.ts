import withMiddleware from '@middy/core';
import type { Context } from 'aws-lambda';
import { createBroker } from '../lib/broker/create-broker.ts';
import type { GroupBroker, PartitionLag } from '../lib/broker/group-types.ts';
import { ProtocolError } from '../lib/protocol/errors.ts';
import { lagDimensions, lagMetricName } from './configuration.ts';
import { bounded } from './invocation.ts';
import type { PublishedMetrics } from './metrics.ts';
import type { Parts } from './start.ts';

export interface LagResult {
  readonly groups: number;
  /** Pairs of group and topic whose lag was told. */
  readonly told: number;
  /** Groups that the store did not answer for, or for which there was no time. */
  readonly left: number;
}

/** What looking at one more group may take of a function's time. */
const reserveMs = 30_000;

/** The handler that measures how far each group is behind, and tells CloudWatch. */
export function lagFunction({ engine, telemetry, calls }: Parts) {
  const broker = createBroker(engine);
  const measure = async (_event: unknown, context: Context): Promise<LagResult> => {
    const expired = (): boolean => context.getRemainingTimeInMillis() < reserveMs;
    const listed = await engine.groups.list.all();
    const groups = listed.map(({ group }) => group);
    return tellLag(groups, broker, telemetry.metrics, expired);
  };
  const handler = withMiddleware<unknown, LagResult>(measure, { timeoutEarlyInMillis: 0 })
    .use(telemetry.middleware<unknown, LagResult>((_event, result) => ({ ...result })))
    .use(bounded(calls, engine));
  return (event: unknown, context: Context): Promise<LagResult> =>
    calls.run(context, () => handler(event, context));
}

/** Of all groups, one after the other; of those for which there is no time, nothing. */
export async function tellLag(
  groups: readonly string[],
  broker: Pick<GroupBroker, 'groupLag'>,
  metrics: Pick<PublishedMetrics, 'publishOne'>,
  expired: () => boolean,
): Promise<LagResult> {
  let told = 0;
  let left = 0;
  for (const group of groups) {
    const partitions = expired() ? undefined : await lagOf(broker, group);
    if (partitions === undefined) left += 1;
    for (const [topic, lag] of byTopic(partitions ?? [])) {
      metrics.publishOne(lagMetricName, Number(lag), lagDimensions(group, topic));
      told += 1;
    }
  }
  return { groups: groups.length, told, left };
}

/** Undefined where the store does not answer. A group that went meanwhile has no lag. */
async function lagOf(
  broker: Pick<GroupBroker, 'groupLag'>,
  group: string,
): Promise<readonly PartitionLag[] | undefined> {
  try {
    return await broker.groupLag(group);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.kafka === 'GROUP_ID_NOT_FOUND' ? [] : undefined;
  }
}

/** Of partitions in which something was committed: where nothing was, nobody knows where it begins. */
function byTopic(partitions: readonly PartitionLag[]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { topic, lag } of partitions) {
    if (lag !== undefined) sums.set(topic, (sums.get(topic) ?? 0n) + lag);
  }
  return sums;
}
