import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { GatewayResult } from '../../lib/http/lambda-result.ts';
import type { Route } from '../../lib/http/route.ts';
import { findRoute } from '../../lib/http/router.ts';
import type { Ended } from './sandbox.ts';
import type { FunctionService } from './service.ts';

export interface Request {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The functions of each group of routes that is asked for. Where there are several, calls go to either. */
export type Functions = Readonly<Partial<Record<Route['group'], readonly FunctionService[]>>>;

/** What API Gateway answers where a function did not: the client learns no more than that. */
const noAnswer: Readonly<Record<Exclude<Ended['outcome'], 'answered'>, Answer>> = {
  failed: { status: 500, headers: {}, text: '{"message":"Internal Server Error"}' },
  lost: { status: 500, headers: {}, text: '{"message":"Internal Server Error"}' },
  'timed out': { status: 503, headers: {}, text: '{"message":"Service Unavailable"}' },
};

/** An HTTP API in front of functions: payload format 2.0, one route for all paths of a group. */
export class Gateway {
  /** How calls of functions ended, with what there is to say of it. */
  onEnded: (ended: Ended) => void = () => {};
  readonly #functions: Functions;
  readonly #pick: (count: number) => number;

  /** `pick` chooses among so many functions of a group: `0 … count − 1`. */
  constructor(functions: Functions, pick: (count: number) => number = () => 0) {
    this.#functions = functions;
    this.#pick = pick;
  }

  /**
   * One request, or one more delivery of it under the same `id`. Undefined where the client does not
   * wait for the answer any longer; the call goes on.
   */
  async ask(
    request: Request,
    patienceMs = 60_000,
    id: string = randomUUID(),
  ): Promise<Answer | undefined> {
    const patience = new AbortController();
    const bored = sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined);
    const answer = await Promise.race([this.#call(request, id), bored]);
    patience.abort();
    return answer;
  }

  async #call(request: Request, id: string): Promise<Answer> {
    const [path = ''] = request.path.split('?');
    const services = this.#functions[findRoute(request.method, path).route.group] ?? [];
    const service = services[this.#pick(services.length)];
    if (service === undefined) throw new Error(`no function for path=${path}`);
    const ended = await service.invoke(eventOf(request, id), id);
    this.onEnded(ended);
    if (ended.outcome !== 'answered') return noAnswer[ended.outcome];
    const { statusCode, headers, body, isBase64Encoded } = ended.payload as GatewayResult;
    return {
      status: statusCode,
      headers: headers as Record<string, string>,
      text: isBase64Encoded === true ? Buffer.from(body, 'base64').toString('utf8') : body,
    };
  }
}

function eventOf({ method, path: target, headers, body }: Request, id: string) {
  const [path = '', query = ''] = target.split('?');
  const host = 'api.example.com';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host, 'x-forwarded-proto': 'https', ...headers },
    requestContext: {
      accountId: '000000000000',
      apiId: 'runtime',
      domainName: host,
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'runtime' },
      requestId: id,
      routeKey: '$default',
      stage: '$default',
      time: new Date().toUTCString(),
      timeEpoch: Date.now(),
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: false,
  } satisfies APIGatewayProxyEventV2;
}
