import { request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { IdleSockets } from '../../adapters/system/idle-sockets.ts';
import type { Clock } from '../../ports/environment.ts';
import { ClosedError } from '../errors.ts';
import { TimeLimits } from './time-limits.ts';

/** One request, before it is signed. */
export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the server's URL, percent-encoded, with its query. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** ms from here to the last byte of the answer; waiting for a socket counts. */
  readonly withinMs: number;
  readonly signal?: AbortSignal;
}

/** An answer that came as a whole, whoever gave it. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** No whole answer came. */
export class Unanswered extends Error {
  override name = 'Unanswered';
  /** False: for certain, not one byte of the request left. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, { cause });
    this.sent = sent;
  }
}

/** Until a connection stands, TLS included (Kafka's socket.connection.setup.timeout.ms). */
const connectMsMax = 10_000;

/** No answer of ours is longer: a topic takes less than 1 KB of the longest list. */
const answerBytesMax = 64 * 1024 * 1024;

/**
 * Keep-alive connections to one server, 128 at most; what asks for more waits. None is used again
 * after it was idle for 5 s: a server that closes an idle connection crosses what is sent on it, and
 * of a write nobody would know.
 */
export class Connections {
  readonly #url: URL;
  readonly #isHttps: boolean;
  readonly #limits: TimeLimits;
  readonly #sockets: IdleSockets;
  readonly #underWay = new Set<(message: string) => void>();
  #closed = false;

  constructor(url: URL, clock: Clock) {
    this.#url = url;
    this.#isHttps = url.protocol === 'https:';
    this.#limits = new TimeLimits(clock);
    this.#sockets = new IdleSockets(() => clock.now());
  }

  /** Rejects with `Unanswered`, or `ClosedError`. */
  ask(question: Question): Promise<Answer> {
    this.#sockets.drop();
    const { signal } = question;
    if (this.#closed) return Promise.reject(new ClosedError('client'));
    if (signal?.aborted === true) return Promise.reject(new Unanswered('it was given up', false));
    return new Promise((resolve, reject) => {
      const request = this.#send(question);
      let sent = false;
      const end = (): void => {
        this.#underWay.delete(fail);
        this.#limits.delete(late);
        this.#limits.delete(unconnected);
        signal?.removeEventListener('abort', giveUp);
      };
      const fail = (message: string, cause?: unknown): void => {
        end();
        request.destroy();
        reject(new Unanswered(message, sent, cause));
      };
      const late = (): void => fail(`no answer came within ${question.withinMs} ms`);
      const unconnected = (): void => fail(`no connection stood within ${connectMsMax} ms`);
      const giveUp = (): void => fail('it was given up');
      this.#underWay.add(fail);
      this.#limits.set(late, question.withinMs);
      signal?.addEventListener('abort', giveUp);
      request.on('error', (error) => fail(error.message, error));
      request.on('response', (response) => {
        collect(response, fail, (answer) => {
          end();
          resolve(answer);
        });
      });
      request.on('socket', (socket) => {
        sent = !socket.connecting;
        if (sent) return;
        this.#limits.set(unconnected, connectMsMax);
        // Before that, no byte of the request leaves.
        socket.once(this.#isHttps ? 'secureConnect' : 'connect', () => {
          sent = true;
          this.#limits.delete(unconnected);
        });
      });
      request.end(question.body);
    });
  }

  /** What is under way ends unanswered. */
  close(): void {
    this.#closed = true;
    for (const fail of this.#underWay) fail('the client was closed');
    this.#sockets.close();
    this.#limits.close();
  }

  #send({ method, target, headers, body }: Question): ClientRequest {
    const { hostname, port, pathname } = this.#url;
    const length = body === undefined ? {} : { 'content-length': body.length };
    return (this.#isHttps ? requestHttps : requestHttp)({
      agent: this.#isHttps ? this.#sockets.httpsAgent : this.#sockets.httpAgent,
      // An address of IPv6 stands in brackets in a URL, and without them here.
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      ...(port === '' ? {} : { port }),
      path: pathname.replace(/\/$/, '') + target,
      method,
      headers: { ...headers, ...length },
    });
  }
}

function collect(
  response: IncomingMessage,
  fail: (message: string, cause?: unknown) => void,
  done: (answer: Answer) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > answerBytesMax) fail(`the answer is longer than ${answerBytesMax} bytes`);
  });
  response.on('error', (error) => fail('the answer was cut short', error));
  response.on('end', () => {
    const { statusCode: status = 0, headers } = response;
    if (response.complete) done({ status, headers, body: Buffer.concat(chunks, length) });
    else fail('the answer was cut short');
  });
}
