import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { remove, temporaryDirectory } from '../adapters/directories.ts';

const bin = fileURLToPath(new URL('../../bin/tailrace.js', import.meta.url));

interface Seen {
  readonly code: number | null;
  readonly text: string;
}

/**
 * Runs the command of the package in a terminal of 80 columns, as a person would see it. `type` may
 * answer to what is on the screen with keys to press.
 */
async function inTerminal(
  args: readonly string[],
  type: (text: string) => string | undefined = () => undefined,
): Promise<Seen> {
  const quoted = [process.execPath, bin, ...args].map((arg) => `'${arg}'`).join(' ');
  const command = `stty cols 80 rows 24; exec ${quoted}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, COLUMNS: '80', TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const keys = type(text);
    if (keys !== undefined) child.stdin.write(keys);
  });
  await once(child, 'close');
  return { code: child.exitCode, text: text.replaceAll('\r\n', '\n') };
}

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => remove(directory));

// `script` has other options elsewhere.
describe.runIf(process.platform === 'linux')('in a terminal of 80 columns', () => {
  test.each([
    [['--help'], 'serve [options]'],
    [['serve', '--help'], '--data <directory>'],
    [['help', 'serve'], '--port <number>'],
  ])('help fits: %s', async (args, part) => {
    const { code, text } = await inTerminal(args);
    expect(code).toBe(0);
    expect(text).toContain(part);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('no command at all shows the help, and is a failure', async () => {
    const { code, text } = await inTerminal([]);
    expect(code).toBe(1);
    expect(text).toContain('Usage: tailrace [options] [command]');
  });

  test.each([
    [['srve'], "unknown command 'srve'", '(Did you mean serve?)'],
    [['nonsense'], "unknown command 'nonsense'", 'usage: tailrace serve [options]'],
    [['--nonsense'], "unknown option '--nonsense'", 'usage: tailrace serve [options]'],
    [['serve', '--prot', '1'], "unknown option '--prot'", '(Did you mean --port?)'],
    [['serve', 'extra'], 'too many arguments', 'usage: tailrace serve [--port <number>]'],
    [['serve', '--port'], "'--port <number>' argument missing", "see 'tailrace serve --help'"],
    [['serve', '--port', 'http'], "'http' is invalid", 'expected a number of 0 … 65535.'],
    [['serve', '--port', '65536'], "'65536' is invalid", 'expected a number of 0 … 65535.'],
    [['serve', '--port', '-1'], "'-1' is invalid", 'expected a number of 0 … 65535.'],
    [['serve', '--port', '1e3'], "'1e3' is invalid", 'expected a number of 0 … 65535.'],
    [['serve', '--data', ''], "'' is invalid", 'expected at least one character.'],
    [['serve', '--host', ''], "'' is invalid", 'expected at least one character.'],
  ])('%s says what was expected', async (args, came, expected) => {
    const { code, text } = await inTerminal(args);
    expect(code).toBe(1);
    expect(text).toContain(came);
    expect(text).toContain(expected);
    expect(text).not.toMatch(/^\s+at /mu);
  });

  test('^C stops a server cleanly', async () => {
    let isTyped = false;
    const { code, text } = await inTerminal(
      ['serve', '--port', '0', '--data', join(directory, 'data')],
      (screen) => {
        if (isTyped || !/listening on \S+\r\n/u.test(screen)) return undefined;
        isTyped = true;
        return '\u0003';
      },
    );
    expect(code).toBe(0);
    expect(text).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n\^C$/u);
  });
});
