import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('child.ts', import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  /** What it said so far. */
  readonly lines: readonly string[];
  /** Resolves when it has said so many lines. */
  said(count: number): Promise<void>;
  /** Its exit code (undefined after a signal) and what it wrote to stderr. */
  readonly ended: Promise<{ readonly code: number | undefined; readonly errors: string }>;
  kill(): Promise<void>;
}

/** Starts `child.ts`, with `shell` before it if a limit has to be set. */
export function start(args: readonly string[], shell?: string): Child {
  const command = [process.execPath, program, ...args];
  const child =
    shell === undefined
      ? spawn(process.execPath, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], {
          stdio: ['ignore', 'pipe', 'pipe'],
        });
  const lines: string[] = [];
  const wanted: { readonly count: number; readonly resolve: () => void }[] = [];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const { count, resolve } of wanted) if (lines.length >= count) resolve();
  });
  const ended = once(child, 'close').then(([code]) => ({
    code: typeof code === 'number' ? code : undefined,
    errors,
  }));
  return {
    process: child,
    lines,
    ended,
    said: (count) =>
      new Promise((resolve, reject) => {
        if (lines.length >= count) resolve();
        wanted.push({ count, resolve });
        void ended.then(() =>
          reject(new Error(`the child ended: lines=${lines.length} ${errors}`)),
        );
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
