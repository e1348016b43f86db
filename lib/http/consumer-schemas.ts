import * as z from 'zod';
import { instanceBounds } from '../core/instance/bounds.ts';
import { groupBounds } from '../core/group/bounds.ts';
import { validateTopicName } from '../core/topic/topic-name.ts';
import { limits } from '../std/limits.ts';
import { integerOf } from './json.ts';
import { int32Max, int64Max } from './record-fields.ts';
import { count } from './query.ts';
import { topicName } from './schemas.ts';

/** Bodies and queries of the REST proxies' consumers. */

/** Integers that may lie beyond 2^53. */
const int64 = (min: bigint) =>
  z
    .unknown()
    .transform((value, context): bigint => {
      const integer = integerOf(value);
      if (integer !== undefined && integer >= min && integer <= int64Max) return integer;
      const message = `expected an integer from ${min} to ${int64Max}`;
      context.issues.push({ code: 'custom', message, input: value });
      return z.NEVER;
    })
    .meta({ type: 'integer', format: 'int64', minimum: Number(min) });

const topic = z
  .string()
  .refine((name) => validateTopicName(name) === undefined, 'expected the name of a topic')
  .meta(topicName);

const named = {
  topic,
  partition: z.int().min(0).max(int32Max).meta({ format: 'int32' }),
};
const partitions = z.array(z.strictObject(named)).max(instanceBounds.partitionsMax);
const metadata = z.string().nullish();

/** Text, a number or a boolean: existing clients send any of them. What they may say is told by 42204. */
const config = z.union([z.string(), z.int(), z.boolean(), z.null()]).optional();

const exampleConfig = { format: 'json', 'auto.offset.reset': 'earliest' };

export const createInstanceBody = z
  .strictObject({
    name: z
      .string()
      .meta({ pattern: '^[A-Za-z0-9._-]+$', maxLength: instanceBounds.nameLengthMax })
      .nullish()
      .describe('Of the instance; chosen by the service if there is none.'),
    format: config.describe('binary (the default) or json: how keys and values are returned.'),
    'auto.offset.reset': config.describe('earliest, latest (the default) or none.'),
    'auto.commit.enable': config.describe('true (the default) or false.'),
    'auto.commit.interval.ms': config.describe('Ours: 5 seconds by default.'),
    'fetch.min.bytes': config.describe(
      'Bytes of batches that a poll waits for; 1 by default, and with 0 it never waits.',
    ),
    'consumer.request.timeout.ms': config.describe('How long a poll waits; 1 second by default.'),
    'consumer.instance.timeout.ms': config.describe(
      `Ours: how long an unused instance stays; ${instanceBounds.timeoutMsMin} to ${instanceBounds.timeoutMsMax}, 5 minutes by default.`,
    ),
  })
  .meta({ examples: [exampleConfig] });

export const subscriptionBody = z
  .strictObject({
    topics: z.array(topic).nullish(),
    topic_pattern: z
      .string()
      .meta({ minLength: 1, maxLength: groupBounds.patternLengthMax })
      .nullish()
      .describe('Of RE2; must match the whole name of a topic. Not together with topics.'),
  })
  .meta({ examples: [{ topics: ['rivers'] }] });

export const partitionsBody = z
  .strictObject({ partitions })
  .meta({ examples: [{ partitions: [{ topic: 'rivers', partition: 0 }] }] });

const exampleOffset = { topic: 'rivers', partition: 0, offset: 7 };

export const positionsBody = z
  .strictObject({
    offsets: z
      .array(
        z.strictObject({
          ...named,
          offset: int64(0n).describe('Of the next record to return.'),
          metadata: metadata.describe('Of no effect.'),
        }),
      )
      .max(instanceBounds.partitionsMax),
  })
  .meta({ examples: [{ offsets: [exampleOffset] }] });

export const commitBody = z
  .strictObject({
    offsets: z
      .array(
        z.strictObject({
          ...named,
          offset: int64(-1n).describe(
            'Of the last record that was processed: what is committed is one more.',
          ),
          metadata: metadata.describe(`At most ${groupBounds.metadataBytesMax} bytes.`),
        }),
      )
      .max(instanceBounds.partitionsMax),
  })
  .meta({ examples: [{ offsets: [exampleOffset] }] });

export const pollQuery = z.object({
  timeout: count
    .optional()
    .describe("How many ms to wait for records; the instance's own by default."),
  max_bytes: count
    .optional()
    .describe(`The most bytes of keys and values; ${limits.responseBytesMax} by default.`),
  ack: count
    .optional()
    .describe(
      'Ours. `Tailrace-Poll-Id` of the last poll that arrived, 0 before the first: the one after it is ' +
        'returned, and again until it is acknowledged like this.',
    ),
});
