import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../adapters/system/clock.ts';
import type { HttpFault } from '../http/faults.ts';
import { errorResponse, finish } from '../http/handle.ts';
import type { LiveResponse } from '../http/handle-live.ts';
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
  if (drain) await sendEarly(request, response, answer);
  else send(response, answer, true);
}

/** Sends an answer to a request that may not have come as a whole. The connection ends after it. */
export async function sendEarly(
  request: IncomingMessage,
  response: ServerResponse,
  answer: HttpResponse,
): Promise<void> {
  response.writeHead(answer.status, { ...answer.headers, connection: 'close' });
  if (answer.body !== undefined) response.write(answer.body);
  await drained(request);
  response.end();
}

/** Throws away for a while what is still to come of a request. */
async function drained(request: IncomingMessage): Promise<void> {
  if (request.complete) return;
  const ended = new AbortController();
  request.on('close', () => ended.abort());
  request.on('end', () => ended.abort());
  request.resume();
  await systemClock().sleep(drainMs, ended.signal);
}

/**
 * Sends an answer in pieces, each as soon as it is there and the client has room for it. The
 * connection can be used again if the whole request has come by then, or comes soon after.
 */
export async function sendLive(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, pieces }: LiveResponse,
  onSent: () => void,
): Promise<void> {
  response.writeHead(status, headers);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  for await (const piece of pieces) {
    onSent();
    if (gone.signal.aborted) return;
    if (!response.write(piece)) await once(response, 'drain', gone).catch(() => undefined);
  }
  await drained(request);
  response.end(() => {
    if (!request.complete) request.destroy();
  });
}
