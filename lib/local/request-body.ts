import type { IncomingMessage } from 'node:http';
import { HttpFault } from '../http/faults.ts';
import { checkBodySize } from '../http/handle.ts';

/** Bytes of bodies held at once by all requests: beyond it, clients are asked to come back. */
const heldBytesMax = 256 * 1024 * 1024;

/** A body that was not read to its end. */
export class BodyRefused extends Error {
  override name = 'BodyRefused';
  readonly fault: HttpFault;

  constructor(fault: HttpFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Reads bodies within a limit each and a limit together. */
export class RequestBodies {
  #held = 0;

  /**
   * The whole body. `onAccepted` is called before its first byte is awaited. Throws BodyRefused as
   * soon as it is clear that it is too large, and what the socket throws. The caller owes a
   * `release` of the body's length.
   */
  async read(request: IncomingMessage, onAccepted: () => void): Promise<Uint8Array> {
    refuseIf(() => checkBodySize(Number(request.headers['content-length'] ?? 0)));
    onAccepted();
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      // Leaving the loop must not destroy the socket, on which an answer will go out.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        const bytes = chunk as Buffer;
        length += bytes.length;
        this.#held += bytes.length;
        refuseIf(() => checkBodySize(length));
        if (this.#held > heldBytesMax) throw new BodyRefused(busy());
        chunks.push(bytes);
      }
    } catch (error) {
      this.release(length);
      throw error;
    }
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

function refuseIf(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof HttpFault) throw new BodyRefused(error);
    throw error;
  }
}

function busy(): HttpFault {
  return new HttpFault(
    42_901,
    'the server holds as many request bodies as it can; nothing happened, send it again later',
  );
}
