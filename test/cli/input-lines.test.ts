import { describe, expect, test } from 'vitest';
import { LineTooLong, linesOf } from '../../lib/cli/input-lines.ts';

async function* chunks(...texts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield typeof text === 'string' ? Buffer.from(text) : text;
}

async function read(source: AsyncIterable<Buffer>, bytesMax = 100): Promise<[number, string][]> {
  const found: [number, string][] = [];
  for await (const lines of linesOf(source, bytesMax)) {
    for (const { number, bytes } of lines) found.push([number, bytes.toString('latin1')]);
  }
  return found;
}

describe('lines', () => {
  test.each([
    ['nothing', [], []],
    ['one line', ['a\n'], ['a']],
    ['no line feed at the end', ['a\nb'], ['a', 'b']],
    ['empty lines', ['\n\nb\n'], ['', '', 'b']],
    ['a line in pieces', ['a', 'b', 'c\nd', 'e\n'], ['abc', 'de']],
    ['a line feed of its own', ['a', '\n', 'b', '\n'], ['a', 'b']],
    ['a carriage return', ['a\r\nb\r\n'], ['a\r', 'b\r']],
    ['bytes that are no UTF-8', [Buffer.from([0xff, 0x0a, 0xfe])], ['\u00ff', '\u00fe']],
  ])('%s', async (_what, texts, expected) => {
    const found = await read(chunks(...texts));
    expect(found).toEqual(expected.map((text, at) => [at + 1, text]));
  });

  test('come as soon as they are whole', async () => {
    const lines = linesOf(chunks('a\nb', 'c\n'), 100);
    const first = await lines.next();
    expect(first.value).toHaveLength(1);
    await lines.return(undefined);
  });
});

describe('a line that is too long', () => {
  test('of just the most is a line', async () => {
    expect(await read(chunks('abc\n', 'ab', 'c'), 3)).toHaveLength(2);
  });

  test.each([
    ['in one chunk', ['ok\n', 'abcd\n']],
    ['in many', ['ok\nab', 'c', 'd', 'e']],
    ['behind a good one', ['ok\nabcd\nok\n']],
  ])('%s is named, after what came before it', async (_what, texts) => {
    const lines = linesOf(chunks(...texts), 3);
    expect((await lines.next()).value).toMatchObject([{ number: 1 }]);
    await expect(lines.next().then(() => lines.next())).rejects.toThrow(LineTooLong);
  });

  test('is not collected any further', async () => {
    let asked = 0;
    const endless = async function* () {
      for (; asked < 1_000; asked += 1) yield Buffer.alloc(10, 'a');
    };
    await expect(read(endless(), 50)).rejects.toThrow(
      'expected lines of at most 50 bytes, got a longer one line=1',
    );
    expect(asked).toBeLessThan(10);
  });
});
