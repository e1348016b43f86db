import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** When a write is stopped: before it reaches the table, or when only its answer is missing. */
export type Point = 'before' | 'after';

/** A way to the emulated AWS on which one write can be stopped. */
export class Gate {
  readonly #target: URL;
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch(() => response.destroy());
  });
  #point: Point | undefined;
  #isWaitedFor: IsIt = isAppend;
  #arrived: () => void = () => {};
  #opened: Promise<void> = Promise.resolve();

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  static async open(target: string): Promise<Gate> {
    const gate = new Gate(target);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Stops the next such write. Resolves when it is there; what it resolves to lets it go on. */
  async stopNext(point: Point, isWaitedFor: IsIt): Promise<() => void> {
    this.#isWaitedFor = isWaitedFor;
    let letGo = (): void => {};
    this.#opened = new Promise((resolve) => (letGo = resolve));
    await new Promise<void>((resolve) => {
      this.#arrived = resolve;
      this.#point = point;
    });
    return letGo;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const point = this.#isWaitedFor(request, body) ? this.#point : undefined;
    if (point !== undefined) this.#point = undefined;
    if (point === 'before') await this.#stop();
    const { hostname, port } = this.#target;
    const { method, url, headers } = request;
    const forwarded = forward({ hostname, port, method, path: url, headers }).end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    const answered = await buffer(answer);
    if (point === 'after') await this.#stop();
    response.writeHead(answer.statusCode ?? 500, answer.headers).end(answered);
  }

  async #stop(): Promise<void> {
    this.#arrived();
    await this.#opened;
  }
}

type IsIt = (request: IncomingMessage, body: Buffer) => boolean;

const isAction = ({ headers }: IncomingMessage, action: string): boolean =>
  headers['x-amz-target'] === `DynamoDB_20120810.${action}`;

/** An append to the ring is the one update that there is. */
export const isAppend: IsIt = (request) => isAction(request, 'UpdateItem');

/** A put of the item of a group's member. */
export const isMemberPut: IsIt = (request, body) =>
  isAction(request, 'PutItem') && body.includes('"G#') && body.includes('"M#');
