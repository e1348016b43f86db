import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../adapters/system/clock.ts';
import type { HttpFault } from '../http/faults.ts';
import { errorResponse, finish } from '../http/handle.ts';
import type { HttpResponse } from '../http/http-message.ts';
import { headersOf, targetOf } from './http-request.ts';

/** How long a refused body is still read, so that its sender gets to see the answer. */
const drainMs = 2_000;

/** Sends an answer. With `last` the connection ends after it. */
export function send(response: ServerResponse, answer: HttpResponse, last: boolean): void {
  const headers = last ? { ...answer.headers, connection: 'close' } : answer.headers;
  response.writeHead(answer.status, headers);
  response.end(answer.body);
}

/**
 * Answers a request that is refused, maybe before its body was read. To close a socket with unread bytes would reset
 * it, and the client would lose the answer: so what comes is thrown away for a while.
 */
export async function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  fault: HttpFault,
  { requestId, drain }: { readonly requestId: string; readonly drain: boolean },
): Promise<void> {
  const { path } = targetOf(request.url ?? '/');
  const about = { method: request.method ?? 'GET', path, headers: headersOf(request) };
  const body = { error_code: fault.errorCode, message: fault.message };
  const answer = finish(about, errorResponse(about, body, fault.headers), requestId);
  response.writeHead(answer.status, { ...answer.headers, connection: 'close' });
  if (answer.body !== undefined) response.write(answer.body);
  if (drain && !request.complete) {
    const ended = new AbortController();
    request.on('close', () => ended.abort());
    request.on('end', () => ended.abort());
    request.resume();
    await systemClock().sleep(drainMs, ended.signal);
  }
  response.end();
}
