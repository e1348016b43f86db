import type { IncomingMessage } from 'node:http';
import { HttpFault } from '../http/faults.ts';
import { checkBodySize } from '../http/handle.ts';

/** A request that is not worked on. */
export class Refused extends Error {
  override name = 'Refused';
  readonly fault: HttpFault;

  constructor(fault: HttpFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Reads bodies within a limit each and a limit together. */
export class RequestBodies {
  readonly #heldMax: number;
  #held = 0;

  constructor(heldBytesMax: number) {
    this.#heldMax = heldBytesMax;
  }

  /** Room for one body, held until it is released. */
  hold(): HeldBody {
    return new HeldBody((bytes) => {
      this.#held += bytes;
      return this.#held <= this.#heldMax;
    });
  }
}

class HeldBody {
  readonly #take: (bytes: number) => boolean;
  #length = 0;
  #lastLength = 0;
  #released = false;

  constructor(take: (bytes: number) => boolean) {
    this.#take = take;
  }

  /**
   * The whole body. `onAccepted` is called before its first byte is awaited. Throws Refused as
   * soon as it is clear that it is too large, and what the socket throws.
   */
  async read(request: IncomingMessage, onAccepted: () => void): Promise<Uint8Array> {
    refuseIf(() => checkBodySize(Number(request.headers['content-length'] ?? 0)));
    onAccepted();
    const chunks: Buffer[] = [];
    // Leaving the loop must not destroy the socket, on which an answer will go out.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Buffer;
      this.#count(bytes.length);
      chunks.push(bytes);
    }
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, this.#length);
  }

  /**
   * The body as it comes, of any length: a piece counts until what was made of it is `settled`.
   * Throws HttpFault where there is no room, or when `signal` aborts, and what the socket throws.
   */
  async *pieces(
    request: IncomingMessage,
    onAccepted: () => void,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    onAccepted();
    const chunks = request.iterator({ destroyOnReturn: false });
    const ended = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(closing()));
    });
    // Nobody may be waiting for it when it ends.
    ended.catch(() => undefined);
    try {
      for (;;) {
        if (signal.aborted) throw closing();
        const next = await Promise.race([chunks.next(), ended]);
        if (next.done === true) return;
        const piece = next.value as Buffer;
        this.#lastLength = piece.length;
        this.#length += piece.length;
        if (!this.#take(piece.length)) throw busy('request bodies');
        yield piece;
      }
    } finally {
      // Not awaited: it waits for a piece that is awaited already.
      void chunks.return?.();
    }
  }

  /** Lets go of all but the last piece, of which a record may still be incomplete. */
  settled(): void {
    if (this.#released) return;
    this.#take(this.#lastLength - this.#length);
    this.#length = this.#lastLength;
  }

  /** To be called when the request is over, whether or not all of it came. */
  release(): void {
    this.#released = true;
    this.#take(-this.#length);
  }

  #count(bytes: number): void {
    this.#length += bytes;
    // What a client sent before it went away may be read after.
    const room = this.#released || this.#take(bytes);
    refuseIf(() => checkBodySize(this.#length));
    if (!room) throw new Refused(busy('request bodies'));
  }
}

function refuseIf(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof HttpFault) throw new Refused(error);
    throw error;
  }
}

/** Too much of this is held. */
export function busy(what: 'request bodies' | 'answers'): HttpFault {
  return new HttpFault(
    42_901,
    `the server holds as many ${what} as it can; nothing happened, send it again later`,
  );
}

const closing = (): HttpFault =>
  new HttpFault(
    50_003,
    'the server closes; what is not reported as appended was not read, send it again',
  );
