import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A client that says exactly what it is told to, and nothing when it is not. */
export class RawSocket {
  readonly #socket: Socket;
  readonly #waiting: { readonly until: (text: string) => boolean; readonly resolve: () => void }[] =
    [];
  /** All that came. */
  text = '';
  /** Resolves when the other side has ended the connection, or reset it. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
      this.#wake();
    });
    // A reset ends the connection as well; that it is one is not the point of these tests.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#wake(true);
        resolve();
      });
    });
  }

  static async open(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawSocket(socket);
  }

  send(text: string | Uint8Array): void {
    this.#socket.write(text);
  }

  /** Resolves when what came contains `part`, or the connection has ended. */
  async received(part: string): Promise<string> {
    const until = (text: string) => text.includes(part);
    if (!until(this.text)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push({ until, resolve });
      });
    }
    return this.text;
  }

  pause(): void {
    this.#socket.pause();
  }

  /** Says that nothing more will be sent, and goes on listening. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #wake(all = false): void {
    for (const { until, resolve } of this.#waiting) if (all || until(this.text)) resolve();
  }
}
