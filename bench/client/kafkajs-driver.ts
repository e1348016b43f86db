import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type { Producer } from 'kafkajs';
import { maxWaitMs, sendBatches } from './driver.ts';
import type { Driver, KafkaTarget, Load, Taker } from './driver.ts';

/** All in-sync replicas, as Tailrace has no other way. */
const acks = -1;

export async function openKafkaJs({ address, synced }: KafkaTarget): Promise<Driver> {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return new KafkaJsDriver(kafka, producer, synced);
}

class KafkaJsDriver implements Driver {
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  readonly #synced: boolean;

  constructor(kafka: Kafka, producer: Producer, synced: boolean) {
    this.#kafka = kafka;
    this.#producer = producer;
    this.#synced = synced;
  }

  async createTopic(topic: string, numPartitions: number): Promise<void> {
    const configEntries = this.#synced ? [{ name: 'flush.messages', value: '1' }] : [];
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] });
    await admin.disconnect();
  }

  send(topic: string, value: Buffer): Promise<unknown> {
    return this.#producer.send({ topic, acks, messages: [{ value }] });
  }

  sendMany(load: Load, goesOn: (sent: number) => boolean): Promise<number> {
    const { topic } = load;
    return sendBatches(load, goesOn, (messages) => this.#producer.send({ topic, acks, messages }));
  }

  async consume(topic: string, by: 'records' | 'batches', taker: Taker): Promise<void> {
    const consumer = this.#kafka.consumer({
      groupId: randomUUID(),
      maxWaitTimeInMs: maxWaitMs,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let over = false;
    const handOut = async (records: number): Promise<void> => {
      if (over || (await taker.take(records))) return;
      over = true;
      resolve();
    };
    const { CRASH, GROUP_JOIN } = consumer.events;
    consumer.on(GROUP_JOIN, () => taker.ready());
    // It begins again by itself after what may pass, such as a coordinator that is not ready.
    consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error);
    });
    await consumer.run({
      autoCommit: false,
      ...(by === 'batches'
        ? { eachBatch: ({ batch }) => handOut(batch.messages.length) }
        : { eachMessage: () => handOut(1) }),
    });
    await promise;
    await consumer.disconnect();
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
  }
}
