import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '..');

/** A server in a process of its own, and a client of it that keeps its connections. */
export class Server {
  readonly url: string;
  /** From the start of the process to its line "listening on". */
  readonly readyMs: number;
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  private constructor(child: ChildProcess, url: string, readyMs: number) {
    this.#child = child;
    this.url = url;
    this.readyMs = readyMs;
  }

  /** `tailrace serve`, as npm start and npx start it. */
  static tailrace(data: string): Promise<Server> {
    return Server.#start([join(root, 'bin/tailrace.js'), 'serve', '--port', '0', '--data', data]);
  }

  static echo(): Promise<Server> {
    return Server.#start([join(root, 'bench/echo-server.ts')]);
  }

  static async #start(args: readonly string[]): Promise<Server> {
    const begin = performance.now();
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /listening on (http:\S+)/.exec(line)?.[1];
      if (url === undefined) continue;
      child.stdout.resume();
      return new Server(child, url, performance.now() - begin);
    }
    throw new Error(`a server did not start args=${args.join(' ')}`);
  }

  /** Rejects if the answer is not of the 200s. */
  ask(method: string, path: string, body?: Body): Promise<Buffer> {
    const headers =
      body === undefined
        ? {}
        : { 'content-type': body.type, 'content-length': body.bytes.length, ...body.headers };
    return new Promise((resolve_, reject) => {
      const asked = request(this.url + path, { method, agent: this.#agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const status = answer.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve_(bytes);
          else reject(new Error(`${method} ${path} status=${status} ${bytes.toString()}`));
        });
      });
      asked.on('error', reject);
      asked.end(body?.bytes);
    });
  }

  /** Resident memory in MiB; undefined where there is no /proc. */
  residentMiB(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    } catch {
      return undefined;
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#agent.destroy();
    this.#child.kill('SIGTERM');
    await ended;
  }
}

export interface Body {
  readonly type: string;
  readonly bytes: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}
