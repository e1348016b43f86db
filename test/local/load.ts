import { must } from '../../lib/std/assert.ts';
import { Client, producedBy, shown, Unanswered } from './client.ts';
import type { Answer, Read } from './client.ts';
import { valueOf } from './ledger.ts';
import type { Ledger, SentRecord } from './ledger.ts';
import type { Seeded } from './random.ts';

/** Topics that live as long as the directory, and their partitions. */
export const topics = { log: 3, sequenced: 1 } as const;

/** Batches above it are staged as objects. */
const inlineBytesMax = 7_000;
const sequenceProducers = 10;
const recentMax = 4;

interface Producer {
  readonly id: number;
  next: number;
  /** Sent and not answered: the next thing this producer sends. */
  pending: Attempt | undefined;
  last: Attempt | undefined;
}

/** A request that may be repeated until it is answered. */
interface Attempt {
  readonly records: readonly SentRecord[];
  readonly topic: string;
  readonly extra?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Clients of every kind, and what they remember while the server comes and goes. */
export class Load {
  readonly #ledger: Ledger;
  readonly #random: Seeded;
  readonly #producers: Producer[];
  /** Requests with an Idempotency-Key that were not answered. */
  #keyed: Attempt[] = [];
  #recentKeyed: Attempt[] = [];
  #records = 0;
  #keys = 0;
  #stopped = false;

  constructor(ledger: Ledger, random: Seeded) {
    this.#ledger = ledger;
    this.#random = random;
    this.#producers = Array.from({ length: sequenceProducers }, (_, index) => ({
      id: 7_000 + index,
      next: 0,
      pending: undefined,
      last: undefined,
    }));
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when every client met the end of the server, or was stopped. */
  async run(client: Client): Promise<void> {
    this.#stopped = false;
    const [even, odd] = [0, 1].map((rest) => this.#producers.filter(({ id }) => id % 2 === rest));
    const plain = (): Promise<void> => this.#send(client, { topic: 'log', records: this.#batch() });
    const steps = [
      plain,
      plain,
      plain,
      () => this.#sequence(client, must(even, 'the producers')),
      () => this.#sequence(client, must(odd, 'the producers')),
      () => this.#key(client),
      () => this.#key(client),
      () => this.#read(client),
    ];
    await Promise.all(steps.map((step) => this.#loop(step)));
  }

  /** Repeats what was not answered, and some of what was. */
  async retry(client: Client): Promise<void> {
    const keyed = [...this.#keyed, ...this.#recentKeyed];
    const sequences = this.#producers.flatMap(({ last, pending }) => [last, pending]);
    for (const attempt of sequences) if (attempt !== undefined) await this.#send(client, attempt);
    for (const producer of this.#producers) producer.pending = undefined;
    await Promise.all(keyed.map((attempt) => this.#send(client, attempt)));
    this.#keyed = [];
  }

  async #loop(step: () => Promise<void>): Promise<void> {
    try {
      while (!this.#stopped) await step();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
    }
  }

  async #send(client: Client, { topic, records, extra, headers }: Attempt): Promise<void> {
    const body = {
      records: records.map((record) => ({
        key: record.key,
        value: valueOf(record),
        ...(record.partition === undefined ? {} : { partition: record.partition }),
      })),
      ...extra,
    };
    this.#ledger.sent(topic, records);
    const answer = await client.ask('POST', `/topics/${topic}`, {
      body,
      ...(headers === undefined ? {} : { headers }),
    });
    this.#ledger.answered(records, expectOk(answer));
  }

  #batch(partition?: number): SentRecord[] {
    const random = this.#random;
    const isLarge = random.chance(0.08);
    const count = isLarge ? random.int(1, 3) : random.int(1, 12);
    return Array.from({ length: count }, () => {
      this.#records += 1;
      const where = partition ?? (random.chance(0.2) ? random.int(0, topics.log - 1) : undefined);
      return {
        id: `r${this.#records}`,
        key: random.chance(0.5) ? `k${random.int(0, 30)}` : null,
        padLength: isLarge ? random.int(inlineBytesMax, 3 * inlineBytesMax) : random.int(0, 90),
        ...(where === undefined ? {} : { partition: where }),
      };
    });
  }

  /** The next batch of one of the producers, or its last one once more. */
  async #sequence(client: Client, producers: readonly Producer[]): Promise<void> {
    const producer = must(producers[this.#random.int(0, producers.length - 1)], 'a producer');
    if (producer.last !== undefined && this.#random.chance(0.1)) {
      return this.#send(client, producer.last);
    }
    const { id, next } = producer;
    const records = this.#batch(0);
    const sequence = { partition: 0, producer_id: id, producer_epoch: 0, sequence: next };
    const attempt = { topic: 'sequenced', records, extra: { producers: [sequence] } };
    producer.next += records.length;
    producer.pending = attempt;
    await this.#send(client, attempt);
    producer.last = attempt;
    producer.pending = undefined;
  }

  async #key(client: Client): Promise<void> {
    const again = this.#recentKeyed[0];
    if (again !== undefined && this.#random.chance(0.1)) return this.#send(client, again);
    this.#keys += 1;
    const headers = { 'idempotency-key': `key ${this.#keys}` };
    const attempt: Attempt = { topic: 'log', records: this.#batch(), headers };
    this.#keyed.push(attempt);
    await this.#send(client, attempt);
    this.#keyed = this.#keyed.filter((other) => other !== attempt);
    this.#recentKeyed = [attempt, ...this.#recentKeyed].slice(0, recentMax);
  }

  /** Reads from anywhere: what it sees must be there for ever, and nothing told may be missing. */
  async #read(client: Client): Promise<void> {
    const random = this.#random;
    const topic = random.chance(0.7) ? 'log' : 'sequenced';
    const partition = random.int(0, topics[topic] - 1);
    const top = this.#ledger.top(topic, partition);
    const offset = random.int(Math.max(0, top - 200), top);
    const path = `/topics/${topic}/partitions/${partition}/records`;
    const answer = await client.ask('GET', `${path}?offset=${offset}&max_bytes=50000`);
    if (answer.status !== 200) throw new Error(`a fetch was answered ${shown(answer)}`);
    const end = Number(answer.headers['tailrace-high-watermark']);
    if (end < top) throw new Error(`${path} ended at ${end} after offsets up to ${top} were told`);
    this.#ledger.raise(topic, partition, end);
    this.#ledger.read(topic, partition, JSON.parse(answer.text) as Read[]);
  }
}

function expectOk(answer: Answer) {
  if (answer.status !== 200) throw new Error(`a produce was answered ${shown(answer)}`);
  return producedBy(answer);
}

export async function createTopics(client: Client): Promise<void> {
  for (const [name, partitions] of Object.entries(topics)) {
    const answer = await client.createTopic(name, partitions);
    if (answer.status !== 201) throw new Error(`a creation was answered ${shown(answer)}`);
  }
}

/** Holds everything that can be read against everything that was told. */
export async function checkAll(client: Client, ledger: Ledger): Promise<void> {
  for (const [topic, partitions] of Object.entries(topics)) {
    const all = Array.from({ length: partitions }, (_, index) => client.readAll(topic, index));
    ledger.check(topic, await Promise.all(all));
  }
}
