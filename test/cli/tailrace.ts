import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const bin = fileURLToPath(new URL('../../bin/tailrace.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command of the package in pipes, as a script would use it. */
export class Piped {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  readonly #out: Buffer[] = [];
  readonly #err: Buffer[] = [];

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { FORCE_COLOR: _, ...ours } = process.env;
    this.child = spawn(process.execPath, [bin, ...args], { env: { ...ours, ...env } });
    // What writes to a command that has ended is no fault of the test.
    this.child.stdin.on('error', () => undefined);
    this.child.stdout.on('data', (chunk: Buffer) => this.#out.push(chunk));
    this.child.stderr.on('data', (chunk: Buffer) => this.#err.push(chunk));
    this.ended = once(this.child, 'close').then(() => {
      const { exitCode: code, signalCode: signal } = this.child;
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get stdout(): string {
    return Buffer.concat(this.#out).toString('utf8');
  }

  get stderr(): string {
    return Buffer.concat(this.#err).toString('utf8');
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#out);
  }
}

/** Runs it to its end, with this as its whole input. */
export function tailrace(
  args: readonly string[],
  input: string | Uint8Array = '',
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const piped = new Piped(args, env);
  piped.child.stdin.end(input);
  return piped.ended;
}

/** The same, which must be well; its standard output. */
export async function done(
  args: readonly string[],
  input: string | Uint8Array = '',
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { code, stdout, stderr } = await tailrace(args, input, env);
  if (code !== 0) throw new Error(`tailrace ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}
