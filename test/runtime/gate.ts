import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** When a commit is stopped: before it reaches the table, or when only its answer is missing. */
export type Point = 'before' | 'after';

/** A way to the emulated AWS on which one commit can be stopped. */
export class Gate {
  readonly #target: URL;
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch(() => response.destroy());
  });
  #point: Point | undefined;
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

  /** Stops the next commit. Resolves when it is there; what it resolves to lets it go on. */
  async stopCommit(point: Point): Promise<() => void> {
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
    const point = isCommit(request) ? this.#point : undefined;
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

/** An append to the ring is the one update that there is. */
const isCommit = ({ headers }: IncomingMessage): boolean =>
  headers['x-amz-target'] === 'DynamoDB_20120810.UpdateItem';
