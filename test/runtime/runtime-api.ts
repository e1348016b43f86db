import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** One call of a function, as a sandbox is given it. */
export interface Invocation {
  /** The same in every attempt at the call. */
  readonly requestId: string;
  readonly event: unknown;
  /** When the service gives it up, in ms since the epoch. */
  readonly deadline: number;
}

/** What the runtime told of an invocation, or of its own start. */
export type Told =
  | { readonly outcome: 'answered'; readonly payload: unknown }
  | { readonly outcome: 'failed'; readonly errorType: string; readonly errorMessage: string };

/** Lambda's: what a synchronous call may carry each way. */
const payloadBytesMax = 6 * 1024 * 1024 + 100;
const base = '/2018-06-01/runtime/';
const arn = 'arn:aws:lambda:us-east-1:000000000000:function:tailrace';

/**
 * The Runtime API of one sandbox, as Lambda documents it for custom runtimes: the runtime asks for
 * the next invocation and waits, and posts what came of it. Each sandbox has a server of its own,
 * on 127.0.0.1.
 */
export class RuntimeApi {
  /** Answers that came after their invocation was given up. */
  lateAnswers = 0;
  /** Invocations that the runtime has been handed and has not answered, given up or not. */
  unanswered = 0;
  /** Called when the runtime waits for work, and when its start has failed. */
  onWaiting: () => void = () => {};
  onInitError: (error: Told) => void = () => {};
  readonly #server: Server;
  #waiting: ServerResponse[] = [];
  #queue: Invocation[] = [];
  readonly #inFlight = new Map<string, (told: Told) => void>();

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    // A frozen runtime is silent for as long as it is frozen.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 0;
  }

  static async open(): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  /** For AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Hands an invocation to the runtime, or keeps it until the runtime asks. Never resolves if the
   * runtime tells nothing.
   */
  deliver(invocation: Invocation): Promise<Told> {
    const told = new Promise<Told>((resolve) => {
      this.#inFlight.set(invocation.requestId, resolve);
    });
    this.#queue.push(invocation);
    this.#handOut();
    return told;
  }

  /** From now on it is not handed out, and an answer to it is refused. */
  giveUp(requestId: string): void {
    this.#inFlight.delete(requestId);
    this.#queue = this.#queue.filter((each) => each.requestId !== requestId);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(base, '');
    if (request.method === 'GET' && path === 'invocation/next') {
      this.#waiting.push(response);
      response.on('close', () => {
        this.#waiting = this.#waiting.filter((each) => each !== response);
      });
      this.#handOut();
      this.onWaiting();
      return;
    }
    const body = await text(request);
    const [, requestId = '', what] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (path === 'init/error') {
      this.onInitError(errorOf(body));
      reply(response, 202, { status: 'OK' });
    } else if (what === undefined) {
      reply(response, 404, { errorType: 'NotFound', errorMessage: path });
    } else {
      this.#take(decodeURIComponent(requestId), what, body, response);
    }
  }

  #handOut(): void {
    for (;;) {
      const [invocation] = this.#queue;
      const response = invocation === undefined ? undefined : this.#waiting.shift();
      if (invocation === undefined || response === undefined) return;
      this.#queue.shift();
      this.unanswered += 1;
      response.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': invocation.requestId,
        'lambda-runtime-deadline-ms': String(invocation.deadline),
        'lambda-runtime-invoked-function-arn': arn,
        'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
      });
      response.end(JSON.stringify(invocation.event));
    }
  }

  #take(requestId: string, what: string, body: string, response: ServerResponse): void {
    this.unanswered -= 1;
    const resolve = this.#inFlight.get(requestId);
    if (resolve === undefined) {
      this.lateAnswers += 1;
      reply(response, 400, { errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' });
      return;
    }
    this.#inFlight.delete(requestId);
    if (Buffer.byteLength(body) > payloadBytesMax) {
      const errorType = 'Function.ResponseSizeTooLarge';
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${payloadBytesMax} bytes).`;
      reply(response, 413, { errorType, errorMessage });
      resolve({ outcome: 'failed', errorType, errorMessage });
      return;
    }
    reply(response, 202, { status: 'OK' });
    if (what === 'error') resolve(errorOf(body));
    else resolve({ outcome: 'answered', payload: JSON.parse(body) });
  }
}

function errorOf(body: string): Told {
  const { errorType, errorMessage } = JSON.parse(body) as Record<string, string | undefined>;
  return { outcome: 'failed', errorType: errorType ?? '', errorMessage: errorMessage ?? '' };
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
