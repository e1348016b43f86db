import { jsonRecords, uniqueName } from './api.ts';
import type { Answer, Api } from './api.ts';

export interface PolledRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: unknown;
  readonly value: unknown;
}

type Config = Readonly<Record<string, unknown>>;

/** Reads from the beginning, and commits when it is told to. */
export const earliest: Config = {
  format: 'json',
  'auto.offset.reset': 'earliest',
  'auto.commit.enable': 'false',
};

/** One consumer instance, as a client of the REST proxies sees it. */
export class Consumer {
  readonly path: string;
  readonly #api: Api;
  readonly #accept: string;

  constructor(api: Api, group: string, name: string, accept = jsonRecords) {
    this.#api = api;
    this.#accept = accept;
    this.path = `/consumers/${group}/instances/${name}`;
  }

  /** A new instance of a group. */
  static async create(api: Api, group: string, config: Config = earliest, accept?: string) {
    const created = await api.ask(`POST /consumers/${group}`, { body: config });
    const { instance_id: name } = done(created, 200).json as { instance_id: string };
    return new Consumer(api, group, name, accept);
  }

  /** The same instance, reached through another server. */
  through(api: Api): Consumer {
    const [, , group = '', , name = ''] = this.path.split('/');
    return new Consumer(api, group, name, this.#accept);
  }

  ask(method: string, below: string, body?: unknown): Promise<Answer> {
    return this.#api.ask(`${method} ${this.path}${below}`, body === undefined ? {} : { body });
  }

  /** What must be done without an answer. */
  async do(method: string, below: string, body?: unknown): Promise<void> {
    done(await this.ask(method, below, body), 204);
  }

  subscribe(...topics: readonly string[]): Promise<void> {
    return this.do('POST', '/subscription', { topics });
  }

  assign(topic: string, ...partitions: readonly number[]): Promise<void> {
    const named = partitions.map((partition) => ({ topic, partition }));
    return this.do('POST', '/assignments', { partitions: named });
  }

  poll(query = ''): Promise<Answer> {
    const line = `GET ${this.path}/records${query === '' ? '' : `?${query}`}`;
    return this.#api.ask(line, { headers: { accept: this.#accept } });
  }

  /** The values of one poll, which must go well. */
  async values(query = ''): Promise<readonly unknown[]> {
    return recordsOf(await this.poll(query)).map(({ value }) => value);
  }

  /** Polls until so many records have come, in the order in which they came. */
  async take(count: number, query = 'timeout=500'): Promise<readonly PolledRecord[]> {
    const all: PolledRecord[] = [];
    for (let polls = 0; all.length < count; polls += 1) {
      if (polls >= 200) throw new Error(`${all.length} records came, not ${count}`);
      all.push(...recordsOf(await this.poll(query)));
    }
    return all;
  }

  async commit(offsets?: unknown): Promise<void> {
    const body = offsets === undefined ? undefined : { offsets };
    done(await this.ask('POST', '/offsets', body), 200);
  }

  /** By partition of one topic; undefined: nothing is committed. */
  async committed(topic: string, ...partitions: readonly number[]) {
    const named = partitions.map((partition) => ({ topic, partition }));
    const answer = await this.ask('POST', '/offsets:committed', { partitions: named });
    const { offsets } = done(answer, 200).json as {
      offsets: { partition: number; offset: number }[];
    };
    return partitions.map((each) => offsets.find(({ partition }) => partition === each)?.offset);
  }

  delete(): Promise<void> {
    return this.do('DELETE', '');
  }
}

export const recordsOf = (answer: Answer): readonly PolledRecord[] =>
  done(answer, 200).json as readonly PolledRecord[];

/** The answer, which must have this status. */
function done(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`expected ${status}, got ${answer.status} ${answer.text}`);
}

export const valuesIn = (records: readonly PolledRecord[]): readonly unknown[] =>
  records.map(({ value }) => value);

/** A name that no other test uses. */
export const groupName = uniqueName;
