import type { Broker } from '../broker/broker.ts';
import { validateTopicName } from '../core/topic/topic-name.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { must } from '../std/assert.ts';
import { HttpFault, noPartition, shown } from './faults.ts';
import type { HttpRequest } from './http-message.ts';
import { toJson } from './json.ts';

/** What a handler is given: a request that was routed, negotiated and parsed. */
export interface Call<Body = undefined, Query = undefined> {
  readonly broker: Broker;
  readonly request: HttpRequest;
  /** The parts of the path that its pattern names, decoded. */
  readonly params: Params;
  /** One of the route's `consumes`; undefined where no body is read. */
  readonly requestType: string | undefined;
  /** One of the route's `produces`. */
  readonly responseType: string;
  readonly body: Body;
  readonly query: Query;
}

export type Params = Readonly<Record<string, string | undefined>>;

/** What a handler answers. The status is the route's. */
export interface Reply {
  /** The body, as text or as bytes; absent: none. */
  readonly text?: string;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it is not the one of the route. */
  readonly status?: number;
}

export function jsonReply(value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { text: toJson(value), headers };
}

/** The topic that the path names. A name that no topic can have is refused here. */
export function topicOf({ params }: { readonly params: Params }): string {
  const name = must(params['topic'], 'topic of the path');
  const wrong = validateTopicName(name);
  if (wrong !== undefined) throw new ProtocolError(wrong.error, wrong.message);
  return name;
}

/** The partition that the path names. What cannot be a partition's number is no partition: 40402. */
export function partitionOf({ params }: { readonly params: Params }): number {
  const text = must(params['partition'], 'partition of the path');
  const partition = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (partition >= 0 && partition < 2 ** 31) return partition;
  throw new HttpFault(
    noPartition,
    `expected the number of a partition, counted from 0, got partition=${shown(text)}`,
  );
}

/** A part of a URL. */
export const segment = (text: string | number): string => encodeURIComponent(text);
