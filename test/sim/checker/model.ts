import { Seeded } from '../../engine/seeded.ts';
import { emptyHistory } from './history.ts';
import type { Commit, History, Listing, Read } from './history.ts';
import type { Outcome } from './outcome.ts';

/** One topic of a name; the next of that name has another id. */
interface Topic {
  readonly name: string;
  readonly id: string;
  readonly logs: readonly Commit[][];
  closed: boolean;
}

/** Records of one request that go to one log, as one. They may land after the client gave up. */
interface Share {
  readonly topic: Topic;
  readonly partition: number;
  readonly values: readonly string[];
  readonly producer: string | undefined;
  readonly request: number;
}

/** What a client does next in the operation that it has begun. False: it is over. */
type Step = () => boolean;

/**
 * A log as simple as can be, and clients who use it all at once: what it tells is a history in which
 * nothing is wrong.
 */
export class Model {
  readonly history: History = emptyHistory();
  readonly #random: Seeded;
  readonly #topics: Topic[];
  readonly #late: Share[] = [];
  readonly #steps = new Map<string, Step>();
  readonly #positions = new Map<string, number>();
  readonly #partitions: number;
  readonly #deletes: boolean;
  #moment = 0;
  #requests = 0;
  #ids = 0;

  constructor(seed: number, { deletes }: { readonly deletes: boolean }) {
    this.#random = new Seeded(seed);
    this.#deletes = deletes;
    this.#partitions = this.#random.int(1, 2);
    this.#topics = ['t', 'u'].map((name) => this.#topic(name, name));
  }

  /** Lets clients begin so many operations, ends them, and reads everything twice. */
  run(operations: number): History {
    const clients = ['a', 'b', 'c', 'd'];
    for (let left = operations; left > 0;) {
      const client = this.#random.pick(clients);
      if (!this.#steps.has(client)) left -= 1;
      this.#go(client);
      if (this.#random.chance(0.05)) this.#landLate();
    }
    while (this.#steps.size > 0) this.#go(this.#random.pick([...this.#steps.keys()]));
    this.#landLate();
    for (const reader of ['f', 'g']) {
      for (const { id, logs } of this.#topics) {
        logs.forEach((log, partition) => {
          const end = BigInt(log.length);
          this.history.finals.push({ log: `${id}/${partition}`, reader, records: [...log], end });
        });
      }
      this.#landLate();
    }
    return this.history;
  }

  #now(): number {
    this.#moment += 1;
    return this.#moment;
  }

  #topic(name: string, id: string): Topic {
    const logs = Array.from({ length: this.#partitions }, () => []);
    return { name, id, logs, closed: false };
  }

  #go(client: string): void {
    const step = this.#steps.get(client) ?? this.#begin(client);
    if (step()) this.#steps.set(client, step);
    else this.#steps.delete(client);
  }

  #begin(client: string): Step {
    const chance = this.#random.next();
    if (chance < 0.5) return this.#send(client);
    if (chance < 0.8) return this.#poll(client);
    if (chance < 0.97 || !this.#deletes) return this.#list(client);
    return this.#delete(client);
  }

  /** Sends until it knows, or gives up; with luck some of it lands after that. */
  #send(client: string): Step {
    const random = this.#random;
    this.#requests += 1;
    const request = this.#requests;
    const producer = random.chance(0.5) ? `p${client}` : undefined;
    const name = random.pick(this.#topics).name;
    const values = Array.from({ length: random.int(1, 4) }, (_, i) => `${client}${request}.${i}`);
    const partitions = values.map(() => random.int(0, this.#partitions - 1));
    let shares: Share[] = [];
    let invoked = -1;
    return () => {
      if (invoked < 0) {
        invoked = this.#now();
        const topic = this.#topics.find((each) => each.name === name) as Topic;
        shares = [...new Set(partitions)].map((partition) => {
          const those = values.filter((_, i) => partitions[i] === partition);
          return { topic, partition, values: those, producer, request };
        });
        return true;
      }
      if (random.chance(0.6)) {
        this.#land(random.pick(shares));
        return true;
      }
      const lost = random.chance(0.2);
      const completed = lost ? Infinity : this.#now();
      const outcomes = new Map(shares.map((share) => [share, this.#outcome(share, lost)]));
      for (const value of values) {
        const share = shares.find((each) => each.values.includes(value)) as Share;
        const outcome = outcomes.get(share) as Outcome;
        const at = this.#placeOf(share, value);
        const place = outcome === 'ok' ? at : { partition: -1, offset: -1n };
        const told = { client, topic: name, value, request, invoked, completed, outcome, ...place };
        this.history.sends.push(producer === undefined ? told : { ...told, producer });
      }
      invoked = -1;
      return random.chance(0.3);
    };
  }

  /** What is not known may yet land; what failed never will. */
  #outcome(share: Share, lost: boolean): Outcome {
    const { topic, partition, values } = share;
    const landed = topic.logs[partition]?.some(({ value }) => value === values[0]) === true;
    if (landed && !lost) return 'ok';
    if (!lost && this.#random.chance(0.5)) return 'failed';
    this.#late.push(share);
    return 'unknown';
  }

  #placeOf({ topic, partition }: Share, value: string) {
    const offset = topic.logs[partition]?.findIndex((commit) => commit.value === value) ?? -1;
    return { partition, offset: BigInt(offset) };
  }

  #land({ topic, partition, values, producer, request }: Share): void {
    const log = topic.logs[partition] ?? [];
    const there = log.some(({ value }) => value === values[0]);
    const last = this.#fences.get(`${producer} ${topic.id}/${partition}`) ?? 0;
    if (topic.closed || there || (producer !== undefined && last > request)) return;
    this.#fences.set(`${producer} ${topic.id}/${partition}`, request);
    for (const value of values) {
      const offset = BigInt(log.length);
      const timestamp = BigInt(this.#random.int(0, 50));
      const name = `${topic.id}/${partition}`;
      const commit = { log: name, offset, value, timestamp, moment: this.#now() };
      log.push(commit);
      this.history.commits.push(commit);
    }
  }

  /** The last request of each producer in each log: none before it lands any more. */
  readonly #fences = new Map<string, number>();

  #landLate(): void {
    if (this.#late.length > 0) this.#land(this.#random.pick(this.#late));
  }

  #poll(client: string): Step {
    const random = this.#random;
    const invoked = this.#now();
    const { name } = random.pick(this.#topics);
    const partition = random.int(0, this.#partitions - 1);
    const place = `${client} ${name}/${partition}`;
    const seek = !this.#positions.has(place) || random.chance(0.3);
    return () => {
      const { id, logs } = this.#topics.find((each) => each.name === name) as Topic;
      const log = logs[partition] ?? [];
      const from = seek ? random.int(0, log.length + 2) : (this.#positions.get(place) ?? 0);
      const told = { client, topic: name, partition, log: `${id}/${partition}`, seek, invoked };
      const [offset, end] = [BigInt(from), BigInt(log.length)];
      const records: readonly Read[] = log.slice(from, from + random.int(1, 6));
      if (random.chance(0.5)) this.#landLate();
      const more = { ...told, completed: this.#now(), offset, records };
      if (offset > end) {
        this.history.polls.push({ ...more, outcome: 'out-of-range', highWatermark: -1n });
      } else {
        this.#positions.set(place, from + records.length);
        this.history.polls.push({ ...more, outcome: 'ok', highWatermark: end });
      }
      return false;
    };
  }

  #list(client: string): Step {
    const random = this.#random;
    const invoked = this.#now();
    const { name } = random.pick(this.#topics);
    const partition = random.int(0, this.#partitions - 1);
    const time = BigInt(random.int(0, 55));
    const at = random.pick(['earliest', 'latest', 'max-timestamp', time] as const);
    return () => {
      const { id, logs } = this.#topics.find((each) => each.name === name) as Topic;
      const answer = listed(logs[partition] ?? [], at);
      if (random.chance(0.5)) this.#landLate();
      const told = { client, topic: name, log: `${id}/${partition}`, at, ...answer };
      this.history.listings.push({ ...told, invoked, completed: this.#now() });
      return false;
    };
  }

  /** Marks the topic, closes it, puts the next one in its place; each at its own time. */
  #delete(client: string): Step {
    const invoked = this.#now();
    const place = this.#random.int(0, this.#topics.length - 1);
    const topic = this.#topics[place] as Topic;
    const { name, id } = topic;
    let marked = false;
    return () => {
      if (!marked) {
        marked = true;
        this.history.closings.push({ topic: name, topicId: id, moment: this.#now() });
        return true;
      }
      if (this.#topics[place] === topic) {
        topic.closed = true;
        this.#ids += 1;
        this.#topics[place] = this.#topic(name, `${name}.${this.#ids}`);
        return true;
      }
      const outcome = this.#random.pick(['ok', 'unknown'] as const);
      const completed = outcome === 'ok' ? this.#now() : Infinity;
      this.history.deletions.push({ client, topic: name, outcome, invoked, completed });
      return false;
    };
  }
}

function listed(
  log: readonly Commit[],
  at: Listing['at'],
): { readonly offset: bigint; readonly timestamp: bigint } {
  if (at === 'earliest') return { offset: 0n, timestamp: -1n };
  if (at === 'latest') return { offset: BigInt(log.length), timestamp: -1n };
  const highest = log.reduce((high, { timestamp }) => (timestamp > high ? timestamp : high), -1n);
  const wanted = at === 'max-timestamp' ? highest : at;
  const { offset, timestamp } = log.find((commit) => commit.timestamp >= wanted) ?? {
    offset: -1n,
    timestamp: -1n,
  };
  return { offset, timestamp };
}
