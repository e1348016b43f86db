import type { Broker } from '../broker/broker.ts';
import { must } from '../std/assert.ts';
import { commonHeaders, failure, finish } from './handle.ts';
import type { OnError } from './handle.ts';
import { requestIdOf } from './http-message.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';
import { negotiate, requestType } from './media-types.ts';
import type { Route } from './route.ts';
import { findRoute } from './router.ts';

/** An answer whose body comes in pieces, while that of the request still does. */
export interface LiveResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: AsyncIterable<string>;
}

type Head = Pick<HttpRequest, 'method' | 'path' | 'headers'>;

/**
 * Whether the body of a request may be read as it comes: where its length is not told before, and
 * no key stands for all of it, which can only be kept of a whole.
 */
export function isLive({ method, path, headers }: Head): boolean {
  const isChunked = /\bchunked\b/i.test(headers['transfer-encoding'] ?? '');
  if (!isChunked || headers['idempotency-key'] !== undefined) return false;
  return routeOf(method, path)?.live !== undefined;
}

function routeOf(method: string, path: string): Route | undefined {
  try {
    return findRoute(method, path).route;
  } catch {
    return undefined;
  }
}

/**
 * Answers a request of which `isLive` is true; its `body` is empty. Waits for the first piece of the
 * answer: what fails before is an answer as any other. What fails later, and is not told in the
 * answer, is thrown by its pieces.
 */
export async function handleLive(
  broker: Broker,
  request: HttpRequest,
  pieces: AsyncIterable<Uint8Array>,
  onError: OnError,
): Promise<HttpResponse | LiveResponse> {
  const requestId = requestIdOf(request);
  const { route, params } = findRoute(request.method, request.path);
  try {
    const { headers } = request;
    const responseType = negotiate(headers['accept'], route.produces);
    const call = {
      broker,
      request,
      params,
      requestType: requestType(headers, route.consumes),
      responseType,
      body: undefined,
      query: undefined,
    };
    const answers = must(route.live, 'a live route')(call, pieces)[Symbol.asyncIterator]();
    const first = await answers.next();
    return {
      status: route.status,
      headers: { 'content-type': responseType, ...commonHeaders(requestId) },
      pieces: from(first, answers),
    };
  } catch (error) {
    const failed = await failure(broker, request, { error, params, requestId, onError });
    return finish(request, failed, requestId);
  }
}

async function* from(
  first: IteratorResult<string>,
  rest: AsyncIterator<string>,
): AsyncGenerator<string> {
  if (first.done === true) return;
  yield first.value;
  yield* { [Symbol.asyncIterator]: () => rest };
}
