import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Started directly, not by the shim: a signal sent to the child reaches the server itself. */
const cliPath = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `tailrace` in a process of its own. */
export class TailraceProcess {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  readonly #firstLine: Promise<string>;

  /** With `shell`, those commands run first, in a shell that then becomes the server. */
  constructor(args: readonly string[], shell?: string) {
    const command = [process.execPath, cliPath, ...args];
    const child =
      shell === undefined
        ? spawn(process.execPath, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], {
            stdio: ['ignore', 'pipe', 'pipe'],
          });
    this.process = child;
    running.add(this);
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#firstLine = new Promise((resolve) => {
      createInterface({ input: child.stdout }).once('line', resolve);
    });
    this.ended = once(child, 'close').then(() => {
      running.delete(this);
      const { exitCode: code, signalCode: signal } = child;
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get pid(): number {
    const { pid } = this.process;
    if (pid === undefined) throw new Error('the process did not start');
    return pid;
  }

  /** The URL of a server, as soon as it listens. Rejects if it ends before. */
  async url(): Promise<string> {
    const line = await Promise.race([this.#firstLine, this.ended]);
    if (typeof line !== 'string') throw new Error(`the server ended: ${JSON.stringify(line)}`);
    const found = /^listening on (http:\/\/\S+)$/u.exec(line)?.[1];
    if (found === undefined) throw new Error(`expected where it listens, got ${line}`);
    return found;
  }

  signal(name: NodeJS.Signals): Promise<Ended> {
    this.process.kill(name);
    return this.ended;
  }
}

const running = new Set<TailraceProcess>();

export function serve(dataDirectory: string, shell?: string): TailraceProcess {
  return new TailraceProcess(['serve', '--port', '0', '--data', dataDirectory], shell);
}

/** Ends what a failed test left behind. */
export async function endServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.signal('SIGKILL')));
}
