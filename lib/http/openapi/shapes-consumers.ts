import * as z from 'zod';
import {
  commitBody,
  createInstanceBody,
  partitionsBody,
  positionsBody,
  subscriptionBody,
} from '../consumer-schemas.ts';
import { int32, int64, text } from './values.ts';

const named = { topic: text, partition: int32 };

/** Bodies of the REST proxies' consumers; records are those of a fetch. */
export const shapesConsumers = {
  CreateInstanceRequest: createInstanceBody,
  CreatedInstance: z.object({
    instance_id: text,
    base_uri: z.url().describe('What the URLs of the instance begin with.'),
  }),
  SubscriptionRequest: subscriptionBody,
  Subscription: z.object({
    topics: z.array(text),
    topic_pattern: text.optional().describe('Ours.'),
  }),
  PartitionsRequest: partitionsBody,
  Assignments: z.object({ partitions: z.array(z.object(named)) }),
  PositionsRequest: positionsBody,
  CommitRequest: commitBody,
  Committing: z.object({}),
  CommittedOffsets: z.object({
    offsets: z.array(z.object({ ...named, offset: int64, metadata: text })),
  }),
} as const;
