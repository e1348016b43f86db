import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Target } from './driver.ts';
import type { Held } from './slow.ts';
import type { Done, Limit, Step } from './steps.ts';

export type Question =
  | { readonly kind: 'step'; readonly step: Step; readonly limit: Limit }
  | { readonly kind: 'fill'; readonly topic: string; readonly bytes: number; readonly limit: Limit }
  | { readonly kind: 'slow'; readonly topic: string; readonly ms: number }
  | { readonly kind: 'close' };

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string };

/** A client in a process of its own, which ends with ours, however ours ends. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #name: string;

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
  }

  static async start(
    name: string,
    target: Target,
    env: Readonly<Record<string, string>> = {},
  ): Promise<WorkerProcess> {
    const path = join(import.meta.dirname, 'worker.ts');
    const child = fork(path, [`${name.replaceAll(/[^a-z]+/g, '-')}-`, JSON.stringify(target)], {
      // A terminal's ^C is for us: its end is that of the channel.
      detached: true,
      serialization: 'advanced',
      // KafkaJS sets timers in the past, of which Node warns.
      execArgv: ['--expose-gc', '--no-warnings'],
      env: { ...process.env, ...env },
    });
    const worker = new WorkerProcess(child, name);
    try {
      await worker.#answer();
      return worker;
    } catch (error) {
      child.disconnect();
      throw error;
    }
  }

  step(step: Step, limit: Limit): Promise<Done> {
    return this.#ask({ kind: 'step', step, limit }) as Promise<Done>;
  }

  fill(topic: string, bytes: number, limit: Limit): Promise<number> {
    return this.#ask({ kind: 'fill', topic, bytes, limit }) as Promise<number>;
  }

  slow(topic: string, ms: number): Promise<Held> {
    return this.#ask({ kind: 'slow', topic, ms }) as Promise<Held>;
  }

  async stop(): Promise<void> {
    await this.#ask({ kind: 'close' });
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  #ask(question: Question): Promise<unknown> {
    const answer = this.#answer();
    this.#child.send(question);
    return answer;
  }

  async #answer(): Promise<unknown> {
    const over = new AbortController();
    const { signal } = over;
    const ended = async (): Promise<Answer> => {
      const [code] = (await once(this.#child, 'exit', { signal })) as [number | null];
      return { ok: false, error: `its process ended code=${code}` };
    };
    const told = async (): Promise<Answer> => {
      const [answer] = (await once(this.#child, 'message', { signal })) as [Answer];
      return answer;
    };
    try {
      const answer = await Promise.race([told(), ended()]);
      if (answer.ok) return answer.value;
      throw new Error(`${this.#name}: ${answer.error}`);
    } finally {
      over.abort();
    }
  }
}
