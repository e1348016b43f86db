import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '../http/http-message.ts';

const saneHost = /^[A-Za-z0-9.\-_:[\]]+$/;

interface Surroundings {
  readonly requestId: string;
  /** The server's own, for clients that send no usable Host. */
  readonly url: string;
  readonly signal: AbortSignal;
}

/** A socket's request as the door takes it. */
export function requestOf(
  request: IncomingMessage,
  body: Uint8Array,
  { requestId, url, signal }: Surroundings,
): HttpRequest {
  const { path, query } = targetOf(request.url ?? '/');
  const { host } = request.headers;
  return {
    method: request.method ?? 'GET',
    path,
    query,
    headers: headersOf(request),
    body,
    baseUrl: host !== undefined && saneHost.test(host) ? `http://${host}` : url,
    requestId,
    signal,
  };
}

/** Also of a target in absolute form, which proxies send (RFC 9112, section 3.2.2). */
export function targetOf(target: string): { readonly path: string; readonly query: string } {
  const local = target.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = local.indexOf('?');
  const path = mark < 0 ? local : local.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark < 0 ? '' : local.slice(mark + 1) };
}

export function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}
