import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that wait for their turn. No client that means well sends more. */
const waitingMax = 256;

/**
 * Lets the requests of a connection in one after the other. Answers go out in order, so to work
 * ahead would only pile them up, for a client that may never read them; and what has not begun when
 * a connection ends did not happen.
 */
export class Turns {
  readonly #waiting = new WeakMap<Socket, number>();

  /** Resolves when all earlier answers are out. False: the connection ended before. */
  async wait(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    // Node gives a response its socket when the one before it has left.
    if (response.socket !== null) return true;
    const { socket } = request;
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    this.#waiting.set(socket, waiting);
    if (waiting > waitingMax) socket.destroy();
    const isIn = await new Promise<boolean>((resolve) => {
      response.once('socket', () => resolve(true));
      request.once('close', () => resolve(false));
    });
    this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1);
    return isIn;
  }
}
