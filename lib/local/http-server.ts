import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createIds } from '../adapters/system/ids.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Broker } from '../broker/broker.ts';
import { handle } from '../http/handle.ts';
import { handleLive, isLive } from '../http/handle-live.ts';
import { requestOf } from './http-request.ts';
import { Refused, busy, RequestBodies } from './request-body.ts';
import { answerBrokenRequests } from './broken-requests.ts';
import { refuse, send, sendEarly, sendLive } from './http-reply.ts';
import { Turns } from './turns.ts';

export interface HttpServerOptions {
  readonly broker: Broker;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Takes one line, of something that nobody foresaw. */
  readonly log: (line: string) => void;
  readonly timeouts?: Partial<Timeouts>;
  /**
   * Bytes of request bodies held at once, and also of answers that clients have not read yet;
   * beyond it, clients are asked to come back.
   */
  readonly heldBytesMax?: number;
}

/** All in ms. */
interface Timeouts {
  /** From the first byte to the end of the headers. */
  readonly headers: number;
  /** From the first byte to the end of the body, unless that is read as it comes. */
  readonly request: number;
  /** Without a byte in either direction; above the longest wait of a fetch. */
  readonly idle: number;
  /** Between two requests of a connection. */
  readonly keepAlive: number;
  /** For what is in flight when the server closes; above the deadline of a produce. */
  readonly close: number;
}

const defaultTimeouts: Timeouts = {
  headers: 10_000,
  request: 30_000,
  idle: 60_000,
  keepAlive: 30_000,
  close: 25_000,
};

const defaultHeldBytesMax = 256 * 1024 * 1024;

/** Answers up to here are always given: each connection holds one at most. */
const smallAnswerBytes = 64 * 1024;

/** Each takes a descriptor and some 50 KB; further ones are closed as they come. */
const connectionsMax = 4_096;

export interface HttpServer {
  /** `http://host:port`. */
  readonly url: string;
  /** Requests that came so far. */
  readonly served: () => number;
  /** Accepts nothing more, ends waits, answers what is in flight, then resolves. */
  readonly close: () => Promise<void>;
}

/** Serves the HTTP API on a socket. Rejects if it cannot listen. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const service = new Service(options);
  const server = createServer(
    {
      headersTimeout: timeouts.headers,
      requestTimeout: timeouts.request,
      keepAliveTimeout: timeouts.keepAlive,
      connectionsCheckingInterval: Math.min(5_000, timeouts.headers),
      // Nagle's algorithm would hold back small answers.
      noDelay: true,
    },
    (request, response) => void service.serve(request, response, false),
  );
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    void service.serve(request, response, true);
  });
  answerBrokenRequests(
    server,
    service.ids,
    (socket) => service.isBusy(socket),
    (socket) => service.isLive(socket),
  );
  server.maxConnections = connectionsMax;
  server.setTimeout(timeouts.idle);
  await listen(server, options);
  // A failed accept (no descriptors left, say) concerns one connection, not the server.
  server.on('error', (error) => options.log(`accepting a connection failed: ${error.message}`));
  service.url = urlOf(server.address(), options.host);
  return {
    url: service.url,
    served: () => service.served,
    close: () => close(server, service, timeouts.close),
  };
}

function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1_024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  const port = typeof address === 'object' ? address?.port : undefined;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function close(server: Server, service: Service, withinMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const done = new AbortController();
  const late = systemClock().sleep(withinMs, done.signal);
  await Promise.race([service.finish(), late]);
  // What is left has sent no whole request, or does not read its answer.
  server.closeAllConnections();
  await closed;
  done.abort();
}

/** The requests in flight. */
class Service {
  readonly ids = createIds();
  url = '';
  served = 0;
  readonly #broker: Broker;
  readonly #log: HttpServerOptions['log'];
  readonly #heldBytesMax: number;
  readonly #bodies: RequestBodies;
  readonly #turns = new Turns();
  #unsentBytes = 0;
  readonly #inFlight = new Map<ServerResponse, AbortController>();
  /** Those whose body is read as it comes. */
  readonly #live = new WeakSet<ServerResponse>();
  #closing = false;
  #onIdle: () => void = () => undefined;

  constructor({ broker, log, heldBytesMax = defaultHeldBytesMax }: HttpServerOptions) {
    this.#heldBytesMax = heldBytesMax;
    this.#bodies = new RequestBodies(heldBytesMax);
    this.#broker = broker;
    this.#log = log;
  }

  /** Whether an answer is on its way, or about to be: to a request that has come as a whole. */
  isBusy(socket: unknown): boolean {
    return [...this.#inFlight.keys()].some(
      (response) => response.socket === socket && (response.headersSent || response.req.complete),
    );
  }

  isLive(socket: unknown): boolean {
    return [...this.#inFlight.keys()].some(
      (response) => response.socket === socket && this.#live.has(response),
    );
  }

  /** Ends what waits and resolves when everything is answered. */
  finish(): Promise<void> {
    this.#closing = true;
    for (const waiting of this.#inFlight.values()) waiting.abort();
    if (this.#inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Answers one request; never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse, expects: boolean) {
    if (!(await this.#turns.wait(request, response))) return;
    const requestId = this.ids.object();
    try {
      await this.#answer(request, response, { requestId, expects });
    } catch (error) {
      // A client that went away while it sent its request is not worth a line.
      if (request.complete || !request.destroyed) this.#report(error, requestId);
      response.destroy();
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { requestId, expects }: { readonly requestId: string; readonly expects: boolean },
  ): Promise<void> {
    const gone = new AbortController();
    const held = this.#bodies.hold();
    let unsentBytes = 0;
    this.#inFlight.set(response, gone);
    this.served += 1;
    response.on('close', () => {
      held.release();
      this.#unsentBytes -= unsentBytes;
      gone.abort();
      this.#inFlight.delete(response);
      if (this.#closing && this.#inFlight.size === 0) this.#onIdle();
    });
    const onAccepted = (): void => {
      if (expects) response.writeContinue();
    };
    const surroundings = { requestId, url: this.url, signal: gone.signal };
    const onError = (error: unknown, id: string): void => this.#report(error, id);
    try {
      const head = requestOf(request, new Uint8Array(), surroundings);
      if (isLive(head)) {
        this.#live.add(response);
        if (this.#closing) gone.abort();
        const pieces = held.pieces(request, onAccepted, gone.signal);
        const answer = await handleLive(this.#broker, head, pieces, onError);
        if ('pieces' in answer) await sendLive(request, response, answer, () => held.settled());
        else await sendEarly(request, response, answer);
        return;
      }
      const body = await held.read(request, onAccepted);
      if (this.#closing) gone.abort();
      const input = { ...head, body };
      const answer = await handle(this.#broker, input, onError);
      unsentBytes = this.#hold(response, input.method, answer.body?.length ?? 0);
      send(response, answer, this.#closing);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await refuse(request, response, error.fault, { requestId, drain: !expects });
    }
  }

  /** Counts an answer until it has left, or refuses to hold it. */
  #hold(response: ServerResponse, method: string, bytes: number): number {
    if (response.destroyed || bytes <= smallAnswerBytes) return 0;
    // Only what changed nothing is refused: of the rest, the client must learn what came of it.
    if (method === 'GET' && this.#unsentBytes + bytes > this.#heldBytesMax) {
      throw new Refused(busy('answers'));
    }
    this.#unsentBytes += bytes;
    return bytes;
  }

  #report(error: unknown, requestId: string): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log(`request failed: request_id=${requestId} ${what}`);
  }
}
