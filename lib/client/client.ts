import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/ids.ts';
import { together } from '../engine/together.ts';
import type { Clock, Random } from '../ports/environment.ts';
import { createAdmin } from './admin.ts';
import { LogConsumer } from './consumer/consumer.ts';
import type { ClientContext } from './context.ts';
import { ClosedError } from './errors.ts';
import type { GroupConsumer, GroupConsumerOptions } from './group-types.ts';
import { GroupMember } from './group/consumer.ts';
import { LogProducer } from './producer/producer.ts';
import { TopicCache } from './topic-cache.ts';
import type { Transport } from './transport.ts';
import type {
  Admin,
  Bytes,
  Client,
  Consumer,
  ConsumerOptions,
  Producer,
  ProducerOptions,
} from './types.ts';

/** Closes what it made, before the connection. */
interface Closable {
  close(): Promise<void>;
}

/** The client, over any transport. It owns the transport: `close` closes it. */
export class LogClient implements Client {
  readonly admin: Admin;
  readonly #context: ClientContext;
  readonly #producers = new Set<Closable>();
  readonly #consumers = new Set<Closable>();
  #closed: Promise<void> | undefined;

  constructor(
    transport: Transport,
    system: { readonly clock: Clock; readonly random: Random } = {
      clock: systemClock(),
      random: systemRandom,
    },
  ) {
    const topics = new TopicCache(transport, system.clock);
    this.#context = { ...system, transport, topics };
    this.admin = createAdmin(transport, (topic) => topics.forget(topic));
  }

  producer<K = Bytes, V = Bytes>(options: ProducerOptions<K, V> = {}): Producer<K, V> {
    this.#checkOpen();
    const forget = (): void => void this.#producers.delete(producer);
    const producer: Producer<K, V> = new LogProducer(this.#context, options, forget);
    this.#producers.add(producer);
    return producer;
  }

  consumer<K = Buffer | null, V = Buffer | null>(
    options: GroupConsumerOptions<K, V>,
  ): GroupConsumer<K, V>;
  consumer<K = Buffer | null, V = Buffer | null>(options?: ConsumerOptions<K, V>): Consumer<K, V>;
  consumer<K, V>(
    options: GroupConsumerOptions<K, V> | ConsumerOptions<K, V> = {},
  ): GroupConsumer<K, V> | Consumer<K, V> {
    this.#checkOpen();
    const forget = (): void => void this.#consumers.delete(consumer);
    const consumer: GroupConsumer<K, V> | Consumer<K, V> =
      'group' in options
        ? new GroupMember(this.#context, options, forget)
        : new LogConsumer(this.#context, options, forget);
    this.#consumers.add(consumer);
    return consumer;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    const closables = [...this.#consumers, ...this.#producers];
    await together(closables.map((closable) => closable.close()));
    await this.#context.transport.close();
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new ClosedError('client');
  }
}
