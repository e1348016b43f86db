import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { fallbackGroup, gatewayRoutes } from '../../cdk/gateway.ts';
import type { GatewayEvent } from '../../lib/http/lambda-request.ts';
import type { GatewayResult } from '../../lib/http/lambda-result.ts';
import type { Route } from '../../lib/http/route.ts';

/** A request as a client sends it. */
export interface Call {
  /** `GET /topics?x=1` */
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export type Handler = (event: GatewayEvent, context: Context) => Promise<GatewayResult>;

/** What Lambda tells a function of its call, and how much of its time is left. */
export function contextOf(leftMs: () => number = () => 25_000): Context {
  return { awsRequestId: 'invocation-1', getRemainingTimeInMillis: leftMs } as Context;
}

function partsOf({ line, headers = {}, body }: Call) {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  return { method, path, query, headers: { host: 'h:1', ...headers }, body };
}

/** Text is whatever the gateway takes for it; the rest comes in base64. */
function bodyOf(body: string | Uint8Array | undefined, isText: boolean) {
  if (body === undefined) return { isBase64Encoded: false };
  if (isText) return { body: Buffer.from(body).toString('utf8'), isBase64Encoded: false };
  return { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
}

/** As an HTTP API sends it: everything in the path is decoded but `%25`. */
export function httpEvent(call: Call): GatewayEvent {
  const { method, path, query, headers, body } = partsOf(call);
  const rawPath = path.replace(/(?:%(?!25)[0-9A-Fa-f]{2})+/g, (text) => decodeURIComponent(text));
  const type = (call.headers?.['content-type'] ?? '').split(';', 1)[0];
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query,
    headers,
    requestContext: {
      domainName: 'h',
      http: { method, path: rawPath },
      requestId: randomUUID(),
      stage: '$default',
    },
    ...bodyOf(body, type === 'application/json'),
  } as unknown as GatewayEvent;
}

/** As a REST API sends it that takes every body for bytes. */
export function restEvent(call: Call): GatewayEvent {
  const { method, path, query, headers, body } = partsOf(call);
  const multiValueQueryStringParameters: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    (multiValueQueryStringParameters[name] ??= []).push(value);
  }
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value]]),
    ),
    multiValueQueryStringParameters,
    requestContext: { path, stage: 'v1', domainName: 'h', requestId: randomUUID() },
    ...bodyOf(body, false),
  } as unknown as GatewayEvent;
}

/** Which function the gateway calls. */
export function groupOf({ line }: Call): Route['group'] {
  const [method = '', target = ''] = line.split(' ');
  const [path = ''] = target.split('?');
  const found = gatewayRoutes.find(
    (route) =>
      route.method === method &&
      new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return found?.group ?? fallbackGroup;
}
