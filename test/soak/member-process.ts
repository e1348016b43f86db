import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Fault, MemberEvent, MemberHistory } from './events.ts';

const program = join(import.meta.dirname, 'member.ts');

interface MemberOptions {
  readonly url: string;
  readonly group: string;
  readonly topic: string;
  /** Where its history is written. */
  readonly folder: string;
  /** Whether the client commits by itself. */
  readonly isAuto: boolean;
}

/** A consumer in a process of its own, what was done to it, and what it wrote down. */
export class MemberProcess implements MemberHistory {
  readonly name: string;
  readonly isAuto: boolean;
  readonly faults: Fault[] = [];
  readonly events: MemberEvent[] = [];
  /** How it ended, if not as it was told to. */
  failure: string | undefined;
  readonly #child: ChildProcess;
  readonly #history: number;
  readonly #decoder = new StringDecoder('utf8');
  readonly #ended: Promise<unknown>;
  #rest = '';
  #stderr = '';
  #isRunning = true;
  #isOut = false;

  constructor(name: string, { url, group, topic, folder, isAuto }: MemberOptions) {
    this.name = name;
    this.isAuto = isAuto;
    const history = join(folder, `${name}.jsonl`);
    this.#history = openSync(history, 'a+');
    const args = ['--url', url, '--group', group, '--topic', topic, '--history', history];
    this.#child = spawn(process.execPath, [program, ...args, ...(isAuto ? ['--auto'] : [])], {
      stdio: ['pipe', 'inherit', 'pipe'],
    });
    // Its standard input ends with us, or with it.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#ended = once(this.#child, 'close').then(() => this.#end());
  }

  /** Whether it heeds signals, and nothing is being done to it. */
  get isWell(): boolean {
    return this.#isRunning && !this.#isOut && this.events.length > 0;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#note('killed');
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** SIGSTOP. */
  freeze(): void {
    this.#note('frozen');
    this.#child.kill('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    this.#child.kill('SIGCONT');
    this.#isOut = false;
  }

  /** SIGTERM: it leaves the group. */
  async stop(): Promise<void> {
    this.#note('stopped');
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  /** When all is over, also of one that is frozen. */
  async discard(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    closeSync(this.#history);
  }

  /** Reads what it wrote down since the last time. */
  read(): readonly MemberEvent[] {
    const chunk = Buffer.alloc(256 * 1024);
    const lines: string[] = [];
    for (;;) {
      const length = readSync(this.#history, chunk);
      if (length === 0) break;
      const [first = '', ...more] = this.#decoder.write(chunk.subarray(0, length)).split('\n');
      this.#rest += first;
      for (const line of more) {
        lines.push(this.#rest);
        this.#rest = line;
      }
    }
    const events = lines.map((line) => JSON.parse(line) as MemberEvent);
    for (const event of events) this.events.push(event);
    return events;
  }

  #note(kind: Fault['kind']): void {
    this.#isOut = true;
    this.faults.push({ kind, t: Date.now() });
  }

  #end(): void {
    this.#isRunning = false;
    const { exitCode, signalCode } = this.#child;
    const last = this.faults.at(-1)?.kind;
    const isFine =
      last === 'killed' ? signalCode === 'SIGKILL' : last === 'stopped' && exitCode === 0;
    if (isFine && this.#stderr === '') return;
    this.failure = `${this.name} code=${exitCode} signal=${signalCode} ${this.#stderr}`;
  }
}
