import { blackBox, emptyHistory } from './history.ts';
import type { Deletion, History, Listing, Poll, Read, Send } from './history.ts';

/** Invoked and completed. */
export type Span = readonly [number, number];

type Told = Partial<Pick<Send, 'client' | 'topic' | 'partition' | 'request' | 'producer'>>;

/**
 * A history told by hand. The topic is `t`, its id `T`, the partition 0, the client `c`, unless it is
 * said; the log `T/0` is that of `t/0`. A timestamp is 100 plus the offset unless the value names
 * its own, as in `a+7`.
 */
export class Tale {
  readonly #history: History = emptyHistory();

  /** Acknowledged at this offset. */
  ok(value: string, [invoked, completed]: Span, offset: number, more: Told = {}): this {
    return this.#send(value, invoked, completed, 'ok', { partition: 0, ...more }, offset);
  }

  failed(value: string, [invoked, completed]: Span, more: Told = {}): this {
    return this.#send(value, invoked, completed, 'failed', more);
  }

  /** Nothing was heard of it. */
  unknown(value: string, invoked: number, more: Told = {}): this {
    return this.#send(value, invoked, Infinity, 'unknown', more);
  }

  #send(
    value: string,
    invoked: number,
    completed: number,
    outcome: Send['outcome'],
    more: Told,
    offset = -1,
  ): this {
    const { sends } = this.#history;
    const told = { client: 'c', topic: 't', partition: -1, request: sends.length, ...more };
    sends.push({ ...told, value, invoked, completed, outcome, offset: BigInt(offset) });
    return this;
  }

  /** Committed at the end of a log, unless the offset is said. */
  put(value: string, moment: number, log = 'T/0', offset?: number): this {
    const { commits } = this.#history;
    const place = offset ?? commits.filter((commit) => commit.log === log).length;
    commits.push({ ...record(value, place), log, moment });
    return this;
  }

  /** Read from an offset on; the watermark is the end of what was read, unless it is said. */
  read(span: Span, from: number, values: readonly string[], more: Partial<Poll> = {}): this {
    const records = values.map((value, i) => record(value, from + i));
    return this.poll(span, from, records, more);
  }

  poll(
    [invoked, completed]: Span,
    from: number,
    records: readonly Read[],
    more: Partial<Poll> = {},
  ): this {
    const topic = more.topic ?? 't';
    const partition = more.partition ?? 0;
    const plain = {
      client: 'r',
      topic,
      partition,
      log: `${topic.toUpperCase()}/${partition}`,
      seek: true,
      outcome: 'ok' as const,
      highWatermark: BigInt(from + records.length),
    };
    const poll = { ...plain, invoked, completed, offset: BigInt(from), records, ...more };
    this.#history.polls.push(poll);
    return this;
  }

  outOfRange(span: Span, from: number, more: Partial<Poll> = {}): this {
    return this.poll(span, from, [], { outcome: 'out-of-range', highWatermark: -1n, ...more });
  }

  listed(
    [invoked, completed]: Span,
    at: Listing['at'],
    offset: number,
    timestamp = -1,
    log: string | undefined = 'T/0',
  ): this {
    const told = { offset: BigInt(offset), timestamp: BigInt(timestamp) };
    const listing = { client: 'l', topic: 't', invoked, completed, log, at, ...told };
    this.#history.listings.push(listing);
    return this;
  }

  deletion([invoked, completed]: Span, more: Partial<Deletion> = {}): this {
    const plain = { client: 'd', topic: 't', outcome: 'ok' as const };
    this.#history.deletions.push({ ...plain, invoked, completed, ...more });
    return this;
  }

  marked(topicId: string, moment: number, topic = 't'): this {
    this.#history.closings.push({ topic, topicId, moment });
    return this;
  }

  /** The whole log, as it was read at the end. */
  final(values: readonly string[], log = 'T/0', end = values.length, reader = 'f'): this {
    const records = values.map((value, i) => record(value, i));
    this.#history.finals.push({ log, reader, records, end: BigInt(end) });
    return this;
  }

  /** As the world tells it. */
  told(): History {
    return this.#history;
  }

  /** As it looks from outside: nobody sees commits, and names stand for logs. */
  seen(): History {
    const { sends, polls, listings, finals } = this.#history;
    return blackBox({
      sends,
      polls,
      listings: listings.map((listing) => ({ ...listing, partition: 0 })),
      finals: finals.map(({ log, ...final }) => {
        const [topic = '', partition] = log.toLowerCase().split('/');
        return { ...final, topic, partition: Number(partition) };
      }),
    });
  }
}

export function record(text: string, offset: number): Read {
  const [value = '', after] = text.split('+');
  return { offset: BigInt(offset), value, timestamp: BigInt(after ?? 100 + offset) };
}

export const tale = (): Tale => new Tale();
