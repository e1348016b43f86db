/** A line without its line feed. The bytes are the input's own: they may be no UTF-8. */
export interface InputLine {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
}

/** A line that cannot be a record, since it is longer than any record may be. */
export class LineTooLong extends Error {
  override name = 'LineTooLong';

  constructor(number: number, bytesMax: number) {
    super(`expected lines of at most ${bytesMax} bytes, got a longer one line=${number}`);
  }
}

const lineFeed = 0x0a;

/**
 * The lines of each chunk, as soon as it is there; the last one may lack its line feed. Holds one
 * chunk and at most `bytesMax` of a line that is not complete. A carriage return is a part of its line.
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<readonly InputLine[]> {
  let number = 0;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  const check = (bytes: number): void => {
    if (bytes > bytesMax) throw new LineTooLong(number + 1, bytesMax);
  };
  for await (const chunk of chunks) {
    const lines: InputLine[] = [];
    let from = 0;
    try {
      for (let to = chunk.indexOf(lineFeed); to >= 0; to = chunk.indexOf(lineFeed, from)) {
        check(begunBytes + to - from);
        const rest = chunk.subarray(from, to);
        const bytes = begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
        begun = [];
        begunBytes = 0;
        number += 1;
        lines.push({ number, bytes });
        from = to + 1;
      }
      begunBytes += chunk.length - from;
      check(begunBytes);
    } catch (error) {
      // What came before the long line is input as any other.
      yield lines;
      throw error;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
    if (lines.length > 0) yield lines;
  }
  if (begunBytes > 0) yield [{ number: number + 1, bytes: Buffer.concat(begun) }];
}
