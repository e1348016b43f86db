import * as z from 'zod';
import { anyJson, base64, int32, int64, recordHeader, text, timestamp } from './values.ts';

const partition = z.object({
  partition: int32,
  leader: int32,
  replicas: z.array(z.object({ broker: int32, leader: z.boolean(), in_sync: z.boolean() })),
});
const partitions = z.array(partition);

const producer = z.strictObject({
  partition: int32,
  producer_id: int64.meta({ minimum: 0 }),
  producer_epoch: int32.meta({ maximum: 32_767 }),
  sequence: int32,
});

/** A request to produce, by how it carries keys and values. */
function produceRequest(embedded: z.ZodType) {
  const record = z.strictObject({
    key: embedded.optional(),
    value: embedded.optional(),
    partition: int32.nullish(),
    headers: z.array(recordHeader).nullish(),
    timestamp: timestamp.nullish(),
  });
  return z.strictObject({
    records: z.array(record).min(1),
    producers: z.array(producer).nullish().describe('Not together with an Idempotency-Key.'),
    acks: z
      .union([z.enum(['all', '-1', '0', '1']), z.literal([-1, 0, 1])])
      .optional()
      .describe('Of no effect: every acknowledgement is durable.'),
    key_schema: z.null().optional(),
    key_schema_id: z.null().optional(),
    value_schema: z.null().optional(),
    value_schema_id: z.null().optional(),
  });
}

function records(embedded: z.ZodType) {
  return z.array(
    z.object({
      topic: text,
      partition: int32,
      offset: int64,
      timestamp: int64,
      key: embedded,
      value: embedded,
      headers: z.array(z.object({ name: text, value: base64.nullable() })),
    }),
  );
}

/** Bodies of version 2, and of what is below no version. */
export const shapesV2 = {
  Index: z.object({
    name: text,
    description: text,
    cluster_id: text,
    links: z.record(text, z.url()),
  }),
  Health: z.object({ status: z.literal('ok'), cluster_id: text }),
  Document: z.looseObject({ openapi: text, info: z.looseObject({}), paths: z.looseObject({}) }),
  BrokerIds: z.object({ brokers: z.array(int32) }),
  TopicNames: z.array(text).meta({ examples: [['rivers']] }),
  TopicV2: z.object({ name: text, configs: z.record(text, text), partitions }),
  PartitionsV2: partitions,
  PartitionV2: partition,
  ProduceRequest: produceRequest(anyJson).meta({
    examples: [{ records: [{ key: 'rhine', value: { metres: 3.1 } }] }],
  }),
  BinaryProduceRequest: produceRequest(base64.nullable()).meta({
    examples: [{ records: [{ key: 'cmhpbmU=', value: 'Mw==' }] }],
  }),
  ProduceReports: z.object({
    offsets: z.array(
      z.object({
        partition: int32.nullable(),
        offset: int64.nullable(),
        error_code: z.int().nullable(),
        error: text.nullable(),
        command_id: text.optional(),
        retry_may_duplicate: z.boolean().optional(),
        count: int32.optional().describe('Of a raw batch: its records.'),
        timestamp: int64.nullish().describe('Of a raw batch: as it is kept.'),
      }),
    ),
    key_schema_id: z.null(),
    value_schema_id: z.null(),
  }),
  Offsets: z.union([
    z.object({ beginning_offset: int64, end_offset: int64 }),
    z.object({ offset: int64, timestamp: int64 }),
  ]),
  Records: records(anyJson),
  BinaryRecords: records(base64.nullable()),
} as const;
