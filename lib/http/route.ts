import type * as z from 'zod';
import type { Call, Reply } from './call.ts';
import type { HttpRequest } from './http-message.ts';
import type { AnswerHeader } from './openapi/headers.ts';
import type { ShapeName } from './openapi/shapes.ts';
import { parseQuery } from './query.ts';
import { parseBody } from './schemas.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One row of the table. */
export interface Route {
  readonly method: Method;
  /** With its variables in braces. */
  readonly path: string;
  /** Unique; names the function and the operation in the description of the API. */
  readonly operation: string;
  /** What it does, in a line, and what else its users should know. */
  readonly summary: string;
  readonly description?: string;
  /** Which of the deployed functions serves it: they have different permissions and limits. */
  readonly group: 'produce' | 'fetch' | 'consume' | 'admin';
  /** Types of the request's body; empty: none is read. */
  readonly consumes: readonly string[];
  /** Types of the answer, the one we prefer first. */
  readonly produces: readonly string[];
  /** Status of success, and another one with the same answer. */
  readonly status: number;
  readonly alsoStatus?: number;
  /** What the bodies of request and answer look like, if there are any in JSON. */
  readonly reads?: ShapeName;
  readonly answers?: ShapeName;
  /** What an answer may carry beside what every answer does. */
  readonly answerHeaders?: readonly AnswerHeader[];
  /** Error codes of its own, besides those that every route can answer. */
  readonly errors: readonly number[];
  readonly body?: z.ZodType;
  /** A request without a body is one, too. */
  readonly optionalBody?: true;
  readonly query?: z.ZodType;
  readonly run: (call: Call) => Promise<Reply>;
  /** The same for a body that is read as it comes: pieces of the answer's text, for pieces of it. */
  readonly live?: (call: Call, pieces: AsyncIterable<Uint8Array>) => AsyncIterable<string>;
}

interface Spec<Body, Query> extends Omit<Route, 'run' | 'body' | 'query' | 'consumes' | 'errors'> {
  readonly consumes?: readonly string[];
  readonly errors?: readonly number[];
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  readonly handler: (call: Call<Body, Query>) => Promise<Reply>;
}

/** A row whose handler gets its body and query as the row's own schemas have them. */
export function route<Body = undefined, Query = undefined>(spec: Spec<Body, Query>): Route {
  const { handler, body, query, consumes = [], errors = [], ...rest } = spec;
  return {
    ...rest,
    consumes,
    errors,
    ...(body === undefined ? {} : { body }),
    ...(query === undefined ? {} : { query }),
    run: (call) =>
      handler({
        ...call,
        // Without a schema the handler's type says undefined, which is what it gets.
        body: (body === undefined || isBodyless(rest, call.request)
          ? undefined
          : parseBody(body, call.request.body)) as Body,
        query: (query === undefined ? undefined : parseQuery(query, call.request.query)) as Query,
      }),
  };
}

/** A body is read if there is one, and there is none. */
export const isBodyless = (
  { optionalBody }: Pick<Route, 'optionalBody'>,
  { body }: Pick<HttpRequest, 'body'>,
): boolean => optionalBody === true && body.length === 0;

/** The beginning of a row. */
export const at = (method: Method, path: string, operation: string, summary: string) => ({
  method,
  path,
  operation,
  summary,
});

/** The errors of what names a topic, a partition, or appends to one. */
export const noTopic = [40_001, 40_401] as const;
export const noPartition = [...noTopic, 40_402] as const;
export const produceErrors = [...noPartition, 40_903, 413, 422, 42_203, 42_901, 50_401] as const;
