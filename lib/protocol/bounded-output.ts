import { ProtocolError } from './errors.ts';

/** Below this many bytes a plain loop beats a call into the runtime. */
const shortRunBytes = 24;

/**
 * Where decoders unfold to: grows as bytes arrive, and refuses with MESSAGE_TOO_LARGE before it
 * would allocate beyond `maxBytes`, whatever the compressed bytes promise.
 */
export class BoundedOutput {
  readonly #maxBytes: number;
  #buffer: Buffer;
  #length = 0;

  /** `expectedBytes` is a guess at the length; it only saves copies. */
  constructor(maxBytes: number, expectedBytes: number) {
    this.#maxBytes = maxBytes;
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(maxBytes, expectedBytes));
  }

  get length(): number {
    return this.#length;
  }

  /** Appends `input[from … to)`. */
  literal(input: Uint8Array, from: number, to: number): void {
    const at = this.#room(to - from);
    if (to - from < shortRunBytes) {
      for (let i = from; i < to; i += 1) this.#buffer[at + i - from] = input[i] as number;
    } else {
      this.#buffer.set(input.subarray(from, to), at);
    }
  }

  /**
   * Appends `count` bytes that lie `distance` back; they may overlap what is being written, which
   * then repeats. The caller has checked 1 ≤ distance ≤ length.
   */
  copy(distance: number, count: number): void {
    const at = this.#room(count);
    const from = at - distance;
    const buffer = this.#buffer;
    if (count < shortRunBytes) {
      for (let i = 0; i < count; i += 1) buffer[at + i] = buffer[from + i] as number;
      return;
    }
    // Each round copies whole periods, so what is there to copy from doubles.
    for (let copied = 0; copied < count;) {
      const round = Math.min(distance + copied, count - copied);
      buffer.copyWithin(at + copied, from, from + round);
      copied += round;
    }
  }

  /** What was written from `start` on; valid until the next write. */
  view(start = 0): Buffer {
    return this.#buffer.subarray(start, this.#length);
  }

  #room(bytes: number): number {
    const at = this.#length;
    const needed = at + bytes;
    if (needed > this.#maxBytes) throw tooLarge(this.#maxBytes);
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.min(this.#maxBytes, Math.max(needed, this.#buffer.length * 2)),
      );
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#length = needed;
    return at;
  }
}

export function tooLarge(maxBytes: number): ProtocolError {
  return new ProtocolError('MESSAGE_TOO_LARGE', `records unfold beyond the bound: max=${maxBytes}`);
}

export function corrupt(what: string): ProtocolError {
  return new ProtocolError('CORRUPT_MESSAGE', what);
}
