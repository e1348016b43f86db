import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import { maxWaitMs, sendBatches } from './driver.ts';
import type { Driver, KafkaTarget, Load, Taker } from './driver.ts';

/** All in-sync replicas, as Tailrace has no other way. */
const acks = -1;

export class PlatformaticDriver implements Driver {
  readonly #base: { readonly clientId: string; readonly bootstrapBrokers: string[] };
  readonly #synced: boolean;
  readonly #producer: Producer;

  constructor({ address, synced }: KafkaTarget) {
    this.#base = { clientId: 'bench', bootstrapBrokers: [address] };
    this.#synced = synced;
    this.#producer = new Producer({ ...this.#base });
  }

  async createTopic(topic: string, partitions: number): Promise<void> {
    const admin = new Admin({ ...this.#base });
    const configs = this.#synced ? [{ name: 'flush.messages', value: '1' }] : [];
    await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
    await admin.close();
  }

  send(topic: string, value: Buffer): Promise<unknown> {
    return this.#producer.send({ acks, messages: [{ topic, value }] });
  }

  sendMany(load: Load, goesOn: (sent: number) => boolean): Promise<number> {
    const { topic } = load;
    return sendBatches(load, goesOn, (batch) => {
      const messages = batch.map((message) => ({ ...message, topic }));
      return this.#producer.send({ acks, messages });
    });
  }

  /** Its stream hands out records only: by events for `batches`, by iteration for `records`. */
  async consume(topic: string, by: 'records' | 'batches', taker: Taker): Promise<void> {
    const consumer = new Consumer({ ...this.#base, groupId: randomUUID() });
    const stream = await consumer.consume({
      topics: [topic],
      mode: 'earliest',
      autocommit: false,
      maxWaitTime: maxWaitMs,
    });
    taker.ready();
    if (by === 'batches') {
      stream.on('data', () => {
        if (taker.take(1) === false) stream.emit('enough');
      });
      await once(stream, 'enough');
      stream.removeAllListeners('data');
    } else {
      for await (const _ of stream) {
        const more = taker.take(1);
        if (!(typeof more === 'boolean' ? more : await more)) break;
      }
    }
    await stream.close();
    await consumer.close();
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }
}
