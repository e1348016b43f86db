import type { Broker } from '../../lib/broker/broker.ts';
import { handle } from '../../lib/http/handle.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The parsed body; undefined if it is no JSON. */
  readonly json: unknown;
}

interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  /** Text or bytes as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly onError?: (error: unknown, requestId: string) => void;
}

const unexpected = (error: unknown) => {
  throw error;
};

/** Sends one request through the door: `GET /topics?x=1`. */
export async function ask(broker: Broker, line: string, options: Options = {}): Promise<Answer> {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  const request = {
    method,
    path,
    query,
    headers: options.headers ?? {},
    body: bytesOf(options.body),
    baseUrl: 'http://h:1',
    requestId: 'r-1',
  };
  const answer = await handle(broker, request, options.onError ?? unexpected);
  const text = Buffer.from(answer.body ?? []).toString('utf8');
  return { status: answer.status, headers: answer.headers, text, json: parsed(text) };
}

/** Produces in a format of v2. */
export function produce(
  broker: Broker,
  target: string,
  body: unknown,
  format: 'json' | 'binary' = 'json',
): Promise<Answer> {
  const headers = { 'content-type': `application/vnd.kafka.${format}.v2+json` };
  return ask(broker, `POST ${target}`, { headers, body });
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
