import type { Broker } from '../broker/broker.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { limits } from '../std/limits.ts';
import type { Params, Reply } from './call.ts';
import { errorBodyOf, errorHeadersOf, HttpFault, statusOf } from './faults.ts';
import type { ErrorBody } from './faults.ts';
import { requestIdOf } from './http-message.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';
import { errorTypes, negotiate, plainTypes, requestType } from './media-types.ts';
import { isBodyless } from './route.ts';
import type { Route } from './route.ts';
import { allowedMethods, findRoute } from './router.ts';

/** Told of every error that nobody foresaw: the client gets 50002 and the request id only. */
export type OnError = (error: unknown, requestId: string) => void;

/**
 * Answers one request, whatever it is; never rejects. `group`: routes of others are not served here,
 * as if there were none.
 */
export async function handle(
  broker: Broker,
  request: HttpRequest,
  onError: OnError,
  group?: Route['group'],
): Promise<HttpResponse> {
  const requestId = requestIdOf(request);
  let params: Params = {};
  let response: HttpResponse;
  try {
    checkBodySize(request.body.length);
    if (request.method === 'OPTIONS') {
      response = { status: 204, headers: { allow: allowedMethods(request.path) }, body: undefined };
    } else {
      const found = findRoute(request.method, request.path);
      checkGroup(found.route, group);
      params = found.params;
      response = await run(broker, request, found.route, params);
    }
  } catch (error) {
    response = await failure(broker, request, { error, params, requestId, onError });
  }
  return finish(request, response, requestId);
}

interface Failure {
  readonly error: unknown;
  readonly params: Params;
  readonly requestId: string;
  readonly onError: OnError;
}

/** The answer to a request that failed. */
export async function failure(
  broker: Broker,
  request: HttpRequest,
  { error, params, requestId, onError }: Failure,
): Promise<HttpResponse> {
  const missing = await missingPart(broker, error, params);
  const body = errorBodyOf(error, missing) ?? unforeseen(error, requestId, onError);
  return errorResponse(request, body, errorHeadersOf(error));
}

async function run(
  broker: Broker,
  request: HttpRequest,
  route: Route,
  params: Params,
): Promise<HttpResponse> {
  const { headers } = request;
  const responseType = negotiate(headers['accept'], route.produces);
  const reads = route.consumes.length > 0 && !isBodyless(route, request);
  const consumed = reads ? requestType(headers, route.consumes) : undefined;
  const reply: Reply = await route.run({
    broker,
    request,
    params,
    requestType: consumed,
    responseType,
    body: undefined,
    query: undefined,
  });
  const status = reply.status ?? route.status;
  const { text, bytes = text === undefined ? undefined : Buffer.from(text, 'utf8') } = reply;
  const type = bytes === undefined ? {} : { 'content-type': responseType };
  return { status, headers: { ...type, ...reply.headers }, body: bytes };
}

function checkGroup({ group, operation }: Route, served: Route['group'] = group): void {
  if (group === served) return;
  throw new HttpFault(
    404,
    `expected a route of the group ${served}, which is all that is served here, got operation=${operation} group=${group}`,
  );
}

/** Front ends refuse what is too large while it comes; this is for those that cannot. */
export function checkBodySize(bytes: number): void {
  const max = limits.requestBytesMax;
  if (bytes > max) throw new HttpFault(413, `expected a body of at most ${max} bytes, got more`);
}

/** Kafka has one error for both; a path that names a partition may be told which it was. */
async function missingPart(
  broker: Broker,
  error: unknown,
  params: Params,
): Promise<'topic' | 'partition'> {
  const { topic, partition } = params;
  const either = error instanceof ProtocolError && error.kafka === 'UNKNOWN_TOPIC_OR_PARTITION';
  if (!either || topic === undefined || partition === undefined) return 'topic';
  try {
    const { partitions } = await broker.describeTopic(topic);
    return Number(partition) < partitions ? 'topic' : 'partition';
  } catch {
    // The first error is the answer.
    return 'topic';
  }
}

function unforeseen(error: unknown, requestId: string, onError: OnError): ErrorBody {
  onError(error, requestId);
  const message = `the server failed in a way it did not expect, and wrote down why request_id=${requestId}`;
  return { error_code: 50_002, message };
}

/** An error as an answer, also for front ends that could not read a request. */
export function errorResponse(
  request: Pick<HttpRequest, 'path' | 'headers'>,
  body: ErrorBody,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const status = statusOf(body.error_code);
  return {
    status,
    headers: {
      'content-type': errorType(request),
      ...(status === 429 ? { 'retry-after': '1' } : {}),
      ...headers,
    },
    body: Buffer.from(JSON.stringify(body), 'utf8'),
  };
}

/** An error is always told, so an `Accept` that allows no type of ours does not matter here. */
function errorType({ path, headers }: Pick<HttpRequest, 'path' | 'headers'>): string {
  try {
    return negotiate(headers['accept'], errorTypes(path));
  } catch {
    return plainTypes[0];
  }
}

/** What every answer carries. */
export function finish(
  request: Pick<HttpRequest, 'method'>,
  response: HttpResponse,
  requestId: string,
): HttpResponse {
  const { status, body } = response;
  const length = status === 204 ? {} : { 'content-length': String(body?.length ?? 0) };
  return {
    status,
    headers: { ...response.headers, ...length, ...commonHeaders(requestId) },
    body: request.method === 'HEAD' ? undefined : body,
  };
}

export const commonHeaders = (requestId: string): Readonly<Record<string, string>> => ({
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
});
