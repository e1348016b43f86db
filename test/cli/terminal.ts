import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bin } from './tailrace.ts';

export interface Seen {
  readonly code: number | null;
  readonly text: string;
}

interface TerminalOptions {
  /** May answer to what is on the screen with keys to press. */
  readonly type?: (text: string) => string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** What the shell does before, such as `yes |`. */
  readonly before?: string;
}

/**
 * Of the surroundings, nothing but this: what tells Node.js of colours, or `script` of a shell, is
 * another thing on every machine.
 */
const { PATH, HOME } = process.env;
const plain = { PATH, HOME, SHELL: '/bin/sh', TERM: 'dumb' };

/**
 * Runs the command of the package in a terminal of 80 columns, as a person would see it. It has no
 * colours unless `env` names a terminal that has.
 */
export async function inTerminal(
  args: readonly string[],
  { type = () => undefined, env = {}, before = 'exec' }: TerminalOptions = {},
): Promise<Seen> {
  const quoted = [process.execPath, bin, ...args].map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`);
  // ^C reaches the shell too, and some shells would end before the command does.
  const command = `trap : INT; stty cols 80 rows 24; ${before} ${quoted.join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...plain, ...env },
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
