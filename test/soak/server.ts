import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outage } from './events.ts';
import { TailraceProcess } from '../local/server-process.ts';

/** The server of a directory, which comes back under the same URL. */
export class SoakServer {
  /** A folder that ends with it. */
  readonly folder = mkdtempSync(join(tmpdir(), 'tailrace-soak-'));
  readonly outages: Outage[] = [];
  /** What it wrote of errors. */
  complaints = '';
  #process: TailraceProcess | undefined;
  #url = '';

  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    const port = this.#url === '' ? '0' : new URL(this.#url).port;
    const data = join(this.folder, 'data');
    this.#process = new TailraceProcess(['serve', '--port', port, '--data', data]);
    this.#url = await this.#process.url();
  }

  /** SIGKILL, and another process on the same directory after so many ms. */
  async replace(afterMs: number): Promise<void> {
    const from = Date.now();
    await this.#end('SIGKILL');
    await sleep(afterMs);
    await this.start();
    this.outages.push({ from, to: Date.now() });
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** However far it came. */
  async discard(keepsFiles: boolean): Promise<void> {
    await this.#end('SIGKILL');
    if (!keepsFiles) rmSync(this.folder, { recursive: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ended = await this.#process?.signal(signal);
    this.#process = undefined;
    this.complaints += ended?.stderr ?? '';
  }
}
