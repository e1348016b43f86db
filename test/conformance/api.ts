import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import type { OpenApiDocument } from '../../lib/http/openapi/document.ts';
import { Description } from './described.ts';
import { startTestServer } from './server.ts';
import type { TestServer } from './laptop.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined if it is no JSON. */
  readonly json: unknown;
}

interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  /** Text or bytes as they are, a stream in chunks, anything else as JSON. */
  readonly body?: unknown;
}

export const jsonRecords = 'application/vnd.kafka.json.v2+json';
export const binaryRecords = 'application/vnd.kafka.binary.v2+json';

/** The API under test, for all tests of a file. Names are unique, so that files may share it. */
export class Api {
  #server: TestServer | undefined;
  #cluster = '';
  #description: Description | undefined;

  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Path of the cluster in v3. */
  get cluster(): string {
    return `/v3/clusters/${this.#cluster}`;
  }

  get clusterId(): string {
    return this.#cluster;
  }

  async open(): Promise<void> {
    this.#server = await startTestServer();
    const document = await this.ask('GET /openapi.json');
    this.#description = new Description(document.json as OpenApiDocument);
    const { json } = await this.ask('GET /health');
    this.#cluster = (json as { cluster_id: string }).cluster_id;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  /** One request: `GET /topics?x=1`. Every answer must be as the API describes itself. */
  async ask(line: string, { headers = {}, body }: Options = {}): Promise<Answer> {
    const space = line.indexOf(' ');
    const method = line.slice(0, space);
    const target = line.slice(space + 1);
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(this.url + target, {
      method,
      headers: { ...json, ...headers },
      ...(body === undefined ? {} : { body: bodyOf(body), duplex: 'half' }),
    });
    const text = await response.text();
    const { status } = response;
    const answer = { status, headers: response.headers, text, json: parsed(text) };
    this.#check(method, target, answer);
    return answer;
  }

  #check(method: string, target: string, answer: Answer): void {
    const wrong = this.#description?.wrongWith(method, target, answer) ?? [];
    if (wrong.length === 0) return;
    const what = `${method} ${target} ${answer.status} ${answer.text.slice(0, 1_000)}`;
    throw new Error(`not as the api describes itself: ${wrong.join('; ')} of ${what}`);
  }

  /** What a link leads to. */
  async follow(link: string): Promise<Answer> {
    const base = this.#server?.linkBase ?? '';
    if (!link.startsWith(base))
      throw new Error(`a link that leads elsewhere link=${link} base=${base}`);
    return this.ask(`GET ${link.slice(base.length)}`);
  }

  /** Creates a topic and returns its name. */
  async topic(partitions = 1, configs: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const name = uniqueName();
    const answer = await this.create({
      topic_name: name,
      partitions_count: partitions,
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    });
    if (answer.status !== 201) throw new Error(`no topic: ${answer.text}`);
    return name;
  }

  create(body: unknown): Promise<Answer> {
    return this.ask(`POST ${this.cluster}/topics`, { body });
  }

  /** Produces records of v2 to `t` or `t/partitions/0`. */
  produce(
    target: string,
    records: unknown,
    more: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.ask(`POST /topics/${target}`, {
      headers: { 'content-type': jsonRecords, ...headers },
      body: { records, ...more },
    });
  }

  raw(topic: string, batch: Uint8Array, partition = 0): Promise<Answer> {
    const headers = { 'content-type': 'application/octet-stream' };
    return this.ask(`POST /topics/${topic}/partitions/${partition}`, { headers, body: batch });
  }

  read(topic: string, query = 'offset=beginning', partition = 0, accept = jsonRecords) {
    const headers = { accept };
    return this.ask(`GET /topics/${topic}/partitions/${partition}/records?${query}`, { headers });
  }

  /** Batches of a partition, as they are. */
  async batches(topic: string, query = 'offset=beginning', partition = 0) {
    const path = `/topics/${topic}/partitions/${partition}/records?${query}`;
    const headers = { accept: 'application/octet-stream' };
    const response = await fetch(this.url + path, { headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    const { status, headers: got, ok } = response;
    const text = ok ? '' : bytes.toString('utf8');
    this.#check('GET', path, { status, headers: got, text, json: parsed(text) });
    return { status, headers: got, bytes };
  }

  /** The values of a partition, in order. */
  async values(topic: string, partition = 0): Promise<unknown[]> {
    const { json } = await this.read(topic, 'offset=beginning', partition);
    return (json as { value: unknown }[]).map(({ value }) => value);
  }

  async endOffset(topic: string, partition = 0): Promise<unknown> {
    const { json } = await this.ask(`GET /topics/${topic}/partitions/${partition}/offsets`);
    return (json as { end_offset: unknown }).end_offset;
  }
}

/** An API that is there for the tests of a file. */
export function api(): Api {
  const opened = new Api();
  beforeAll(() => opened.open());
  afterAll(() => opened.close());
  return opened;
}

export function uniqueName(): string {
  return `conformance-${randomBytes(8).toString('hex')}`;
}

expect.extend({
  /** An error of the table, with a message that says something. */
  toBeError(answer: Answer, errorCode: number, message: RegExp = /\w/) {
    const status = Number(String(errorCode).slice(0, 3));
    const body = answer.json as { error_code?: unknown; message?: unknown } | undefined;
    const pass =
      answer.status === status &&
      body?.error_code === errorCode &&
      message.test(String(body.message)) &&
      answer.headers.get('x-request-id') !== null;
    const wanted = `error_code=${errorCode} message=${message}`;
    return { pass, message: () => `expected ${wanted}, got ${answer.status} ${answer.text}` };
  },
});

declare module 'vitest' {
  // Parameters and bounds must be vitest's own.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    toBeError: (this: Matchers<R, T>, errorCode: number, message?: RegExp) => R;
  }
}

/** The offsets of an answer to produce, without what is null. */
export function offsetsOf(answer: Answer): { partition: number; offset: number }[] {
  expect(answer.status, answer.text).toBe(200);
  const { offsets } = answer.json as {
    offsets: { partition: number; offset: number; error_code: number | null; error: unknown }[];
  };
  return offsets.map(({ partition, offset, error_code: code, error }) => {
    expect([code, error]).toEqual([null, null]);
    return { partition, offset };
  });
}

function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> | ReadableStream {
  if (typeof body === 'string' || body instanceof ReadableStream) return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
