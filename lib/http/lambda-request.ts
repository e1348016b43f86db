import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HttpRequest } from './http-message.ts';

/** What API Gateway sends: REST APIs speak payload format 1.0, HTTP APIs 2.0. */
export type GatewayEvent = APIGatewayProxyEvent | APIGatewayProxyEventV2;

interface Surroundings {
  /** Scheme, host and base path that clients use, if not the API's own: a custom domain, say. */
  readonly publicUrl?: string;
  readonly signal?: AbortSignal;
}

/** What both formats say, in one form. */
interface Parts {
  readonly method: string;
  /** Below the stage, but with a custom domain's base path in front. */
  readonly path: string;
  /** What the client wrote before it to name the stage: `/prod`, or nothing. */
  readonly stagePath: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly domainName: string | undefined;
}

/** A gateway's event as the door takes it. Throws if it is none: whoever called is no gateway. */
export function requestOfEvent(
  event: GatewayEvent,
  { publicUrl, signal }: Surroundings = {},
): HttpRequest {
  if (!isOfGateway(event)) {
    throw new Error(
      'expected an event of API Gateway in payload format 1.0 or 2.0: call this function through its API',
    );
  }
  const parts = partsOf(event);
  const { method, query, headers } = parts;
  const basePath = publicUrl === undefined ? '/' : new URL(publicUrl).pathname;
  return {
    method: method.toUpperCase(),
    path: escapePath(withoutBase(parts.path, basePath)),
    query,
    headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    baseUrl: publicUrl?.replace(/\/$/, '') ?? ownUrl(parts),
    requestId: event.requestContext.requestId,
    ...(signal === undefined ? {} : { signal }),
  };
}

/** What a log line says of a request, whatever came. */
export function summaryOf(event: GatewayEvent) {
  if (!isOfGateway(event)) return {};
  const { method, path } = partsOf(event);
  return { method, path, request_bytes: event.body?.length ?? 0 };
}

const isOfGateway = (event: object): boolean => 'rawPath' in event || 'httpMethod' in event;

const partsOf = (event: GatewayEvent): Parts =>
  'rawPath' in event ? partsOfV2(event) : partsOfV1(event);

function partsOfV2(event: APIGatewayProxyEventV2): Parts {
  const { http, stage, domainName } = event.requestContext;
  const cookie = event.cookies?.join('; ');
  const stagePath = stage === '$default' ? '' : `/${stage}`;
  const path = withoutBase(event.rawPath, stagePath);
  return {
    method: http.method,
    path,
    // A custom domain leads to a stage without naming it.
    stagePath: path === event.rawPath ? '' : stagePath,
    query: event.rawQueryString,
    headers: { ...headersOf(event.headers), ...(cookie === undefined ? {} : { cookie }) },
    domainName,
  };
}

function partsOfV1(event: APIGatewayProxyEvent): Parts {
  const { path: fullPath, stage, domainName } = event.requestContext;
  const pairs = Object.entries(event.multiValueQueryStringParameters ?? {}).flatMap(
    ([name, values = []]) => values.map((value): [string, string] => [name, value]),
  );
  return {
    method: event.httpMethod,
    path: event.path,
    stagePath: fullPath === `/${stage}${event.path}` ? `/${stage}` : '',
    query: String(new URLSearchParams(pairs)),
    headers: headersOf(event.multiValueHeaders ?? event.headers ?? {}),
    domainName,
  };
}

function headersOf(
  given: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined)
      headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

function withoutBase(path: string, base: string): string {
  const prefix = base.replace(/\/$/, '');
  if (prefix === '' || !(path === prefix || path.startsWith(`${prefix}/`))) return path;
  return path.slice(prefix.length) || '/';
}

/**
 * Escapes what no encoded path can hold, and leaves the rest: REST APIs give the path as it came,
 * HTTP APIs decode all of it but `%25`. A decoded slash cannot be told from a real one; no topic or
 * other name of the API may hold one.
 */
function escapePath(path: string): string {
  const raw = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+/g;
  return path.replace(raw, (text) => encodeURIComponent(text.toWellFormed()));
}

const saneHost = /^[A-Za-z0-9.\-_:[\]]+$/;

/** As the client sees it. The gateway names the scheme; one that does not is an emulator of it. */
function ownUrl({ headers, domainName = 'localhost', stagePath }: Parts): string {
  const { host = domainName, 'x-forwarded-proto': forwarded } = headers;
  const scheme = forwarded === 'https' ? 'https' : 'http';
  return `${scheme}://${saneHost.test(host) ? host : domainName}${stagePath}`;
}
