import { createRequire } from 'node:module';

/** What tests take from inside kafkajs, which has no types for it. */
const require = createRequire(import.meta.url);

interface Encoder {
  readonly buffer: Buffer;
  writeVarInt(value: number): Encoder;
  writeVarLong(value: string): Encoder;
}

export const KafkaJsEncoder: new () => Encoder = require('kafkajs/src/protocol/encoder.js');

const Decoder: new (bytes: Buffer) => object = require('kafkajs/src/protocol/decoder.js');

const decode: (
  decoder: object,
) => Promise<KafkaJsBatch> = require('kafkajs/src/protocol/recordBatch/v0/decoder.js');

const produce: (request: object) => {
  encode(): Promise<Encoder>;
} = require('kafkajs/src/protocol/requests/produce/v3/request.js');

export interface KafkaJsBatch {
  readonly firstOffset: string;
  readonly maxTimestamp: string;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly records: readonly {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, Buffer | null | (Buffer | null)[]>>;
  }[];
}

export interface KafkaJsMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | Buffer[]>>;
  /** Milliseconds; without one it is now. */
  readonly timestamp?: number;
}

/** The topic's name is one letter, so that the batch stands so far into the request. */
const BATCH_AT = 2 + 2 + 4 + 4 + 3 + 4 + 4 + 4;

/** The batch in the produce request that kafkajs makes of `messages`; `compression`: 0 or 1, gzip. */
export async function kafkaJsBatch(
  messages: readonly KafkaJsMessage[],
  { compression = 0, producerId = -1, producerEpoch = 0, transactional = false } = {},
): Promise<Buffer> {
  const request = produce({
    acks: -1,
    timeout: 1,
    transactionalId: transactional ? 'x' : null,
    producerId,
    producerEpoch,
    compression,
    topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages }] }],
  });
  return (await request.encode()).buffer.subarray(BATCH_AT + (transactional ? 1 : 0));
}

export async function kafkaJsRead(batch: Buffer): Promise<KafkaJsBatch> {
  return decode(new Decoder(batch));
}
