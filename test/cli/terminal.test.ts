import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { inTerminal } from './terminal.ts';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => remove(directory));

/** Every command by the words that lead to it. */
function paths(command = createProgram('', ''), path: readonly string[] = []): string[][] {
  const below = command.commands.filter((each) => !each.name().startsWith('__'));
  return [[...path], ...below.flatMap((each) => paths(each, [...path, each.name()]))];
}

// `script` has other options elsewhere.
describe.runIf(process.platform === 'linux')('in a terminal of 80 columns', () => {
  test.each(paths().map((path) => [path]))('help fits, with examples: %s', async (path) => {
    const { code, text } = await inTerminal([...path, '--help']);
    expect(code).toBe(0);
    expect(text).toContain(`Usage: ${['tailrace', ...path].join(' ')} `);
    expect(text).toContain('\nExamples:\n  $ ');
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('help by name', async () => {
    const { code, text } = await inTerminal(['help', 'serve']);
    expect(code).toBe(0);
    expect(text).toContain('--port <number>');
  });

  test.each([
    [[], 'Usage: tailrace [options] [command]'],
    [['topic'], 'Usage: tailrace topic [options] [command]'],
  ])('no command at all shows the help, and is wrong usage: %s', async (args, usage) => {
    const { code, text } = await inTerminal(args);
    expect(code).toBe(2);
    expect(text).toContain(usage);
  });

  test('^C stops a server cleanly', async () => {
    let isTyped = false;
    const { code, text } = await inTerminal(
      ['serve', '--port', '0', '--data', join(directory, 'data')],
      {
        type: (screen) => {
          if (isTyped || !/listening on \S+\r\n/u.test(screen)) return undefined;
          isTyped = true;
          return '\u0003';
        },
      },
    );
    expect(code).toBe(0);
    expect(text).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n\^C$/u);
  });

  test('an error is red where the terminal can, and not with NO_COLOR', async () => {
    const env = { TERM: 'xterm-256color', TAILRACE_SERVER: 'http://127.0.0.1:1' };
    const red = await inTerminal(['health'], { env });
    expect(red.code).toBe(1);
    expect(red.text.startsWith('\u001b[31mtailrace:\u001b[39m NETWORK_EXCEPTION')).toBe(true);
    const plain = await inTerminal(['health'], { env: { ...env, NO_COLOR: '1' } });
    expect(plain.text).toMatch(/^tailrace: NETWORK_EXCEPTION/u);
  });

  test('titles are bold where the terminal can, and not with NO_COLOR', async () => {
    const env = { TERM: 'xterm-256color' };
    const bold = await inTerminal(['--help'], { env });
    expect(bold.text).toContain('\u001b[1mUsage:\u001b[22m');
    const plain = await inTerminal(['--help'], { env: { ...env, NO_COLOR: '1' } });
    expect(plain.text).not.toContain('\u001b');
  });
});
