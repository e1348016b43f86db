import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { must } from '../../lib/std/assert.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** No whole answer came: what was asked for may have happened. */
export class Unanswered extends Error {
  override name = 'Unanswered';
  /** Nothing listened, so nothing can have happened. */
  readonly refused: boolean;

  constructor(cause: Error) {
    super(`no answer: ${cause.message}`, { cause });
    this.refused = 'code' in cause && cause.code === 'ECONNREFUSED';
  }
}

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends each request once: what repeats by itself would hide what is lost or doubled. */
export class Client {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true });
  #cluster: Promise<string> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** Rejects as `Unanswered`. A body that is not text is sent as JSON. */
  ask(method: string, path: string, { body, headers, signal }: Asked = {}): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const bytes = text === undefined ? undefined : Buffer.from(text);
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(new Unanswered(error));
      const sent = request(this.#url + path, {
        method,
        agent: this.#agent,
        headers: {
          ...(bytes === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
          ...headers,
        },
        ...(signal === undefined ? {} : { signal }),
      });
      sent.on('error', fail);
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const status = must(response.statusCode, 'the status of a response');
          resolve({ status, headers: response.headers, text: Buffer.concat(chunks).toString() });
        });
      });
      sent.end(bytes);
    });
  }

  async get(path: string): Promise<unknown> {
    const answer = await this.ask('GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path} answered ${shown(answer)}`);
    return JSON.parse(answer.text);
  }

  createTopic(name: string, partitions: number): Promise<Answer> {
    const body = { topic_name: name, partitions_count: partitions };
    return this.#ofTopics('POST', '', { body });
  }

  deleteTopic(name: string): Promise<Answer> {
    return this.#ofTopics('DELETE', `/${name}`);
  }

  async #ofTopics(method: string, path: string, asked?: Asked): Promise<Answer> {
    this.#cluster ??= this.#findCluster();
    return this.ask(method, `/v3/clusters/${await this.#cluster}/topics${path}`, asked);
  }

  async #findCluster(): Promise<string> {
    const found = (await this.get('/v3/clusters')) as { data: { cluster_id: string }[] };
    return must(found.data[0], 'a cluster').cluster_id;
  }

  /** All records of a partition, in order. */
  async readAll(topic: string, partition: number): Promise<Read[]> {
    const all: Read[] = [];
    const path = `/topics/${topic}/partitions/${partition}/records`;
    for (let next = '0'; ;) {
      const answer = await this.ask('GET', `${path}?offset=${next}`);
      if (answer.status !== 200) throw new Error(`GET ${path} answered ${shown(answer)}`);
      all.push(...(JSON.parse(answer.text) as Read[]));
      next = String(answer.headers['tailrace-next-offset']);
      if (next === answer.headers['tailrace-high-watermark']) return all;
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** A record as a fetch answers it. */
export interface Read {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: unknown;
  readonly value: unknown;
}

/** One entry of the answer to a produce. */
export interface Produced {
  readonly partition: number | null;
  readonly offset: number | null;
  readonly error_code: number | null;
  readonly error: string | null;
}

export function producedBy(answer: Answer): Produced[] {
  return (JSON.parse(answer.text) as { offsets: Produced[] }).offsets;
}

export const shown = ({ status, text }: Answer): string => `${status} ${text.slice(0, 300)}`;
