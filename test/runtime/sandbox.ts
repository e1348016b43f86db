import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { RuntimeApi } from './runtime-api.ts';
import type { Told } from './runtime-api.ts';

/** A function as it is deployed. */
export interface FunctionCode {
  readonly name: string;
  /** LAMBDA_TASK_ROOT: the folder of the bundle. */
  readonly taskRoot: string;
  /** `<file>.<export>` */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** The function's timeout. */
  readonly timeoutMs: number;
  /** Calls at a time in one process. Above 1 it is run as managed instances are: see `Sandbox`. */
  readonly concurrency: number;
}

/** How a call ended, as its caller is told. */
export type Ended = Told | { readonly outcome: 'timed out' } | { readonly outcome: 'lost' };

const outputLinesMax = 50;

/** `lost`: the process has ended. */
type State = 'starting' | 'ready' | 'lost';

/**
 * A process that runs AWS's runtime client with a bundle, as Lambda runs it: frozen while it has no
 * invocation, killed when one takes too long. With several calls at a time it is never frozen, and
 * one that takes too long goes on, as on Lambda's managed instances. Faults are added to that:
 * `hold` freezes it in the middle of a call, `kill` ends it.
 */
export class Sandbox {
  readonly code: FunctionCode;
  /** From the start of the process to its first request for work, in ms. */
  initMs = 0;
  /** What it printed last. */
  readonly output: string[] = [];
  /** All that it printed of errors. */
  readonly errors: string[] = [];
  /** Called when it may take a call again, or never will. */
  onFree: () => void = () => {};
  readonly #api: RuntimeApi;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #state: State = 'starting';
  #held = false;
  #isStopped = false;

  private constructor(client: string, code: FunctionCode, api: RuntimeApi) {
    this.code = code;
    this.#api = api;
    const { memoryMb } = code;
    // Flags as Lambda's own start of Node has them. The kernel ends it with us, however we end: a
    // stopped process would heed nothing else.
    const args = [
      '--pdeathsig=KILL',
      process.execPath,
      '--expose-gc',
      '--max-http-header-size=81920',
      `--max-semi-space-size=${Math.floor(memoryMb * 0.05)}`,
      `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
      client,
    ];
    const env = environment(code, api);
    this.#child = spawn('setpriv', args, {
      cwd: code.taskRoot,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null)
        createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
    this.#ended = once(this.#child, 'close');
    this.#child.on('close', () => {
      this.#state = 'lost';
      api.close();
      this.onFree();
    });
  }

  /** Resolves when the runtime waits for its first call. Rejects with what it told if it never will. */
  static async start(client: string, code: FunctionCode): Promise<Sandbox> {
    const sandbox = new Sandbox(client, code, await RuntimeApi.open());
    try {
      await sandbox.#start();
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    return sandbox;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the sandbox did not start');
    return pid;
  }

  /** Whether it takes another call now. */
  get isFree(): boolean {
    if (this.#state !== 'ready' || this.#held) return false;
    const { isWaiting, inFlight } = this.#api;
    return this.#isShared ? inFlight < this.code.concurrency : isWaiting && inFlight === 0;
  }

  /** Whether a call is under way in it that the service still waits for. */
  get isBusy(): boolean {
    return this.#api.inFlight > 0;
  }

  /** Whether nothing goes on in it, and nothing will without a call. */
  get isQuiet(): boolean {
    return this.isLost || (this.#api.isWaiting && this.#api.unanswered === 0);
  }

  get isHeld(): boolean {
    return this.#held;
  }

  get isLost(): boolean {
    return this.#state === 'lost';
  }

  get lateAnswers(): number {
    return this.#api.lateAnswers;
  }

  /** Resident memory in bytes: now, and at most so far. */
  get memory(): { readonly now: number; readonly most: number } {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const field = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
    return { now: field('VmRSS'), most: field('VmHWM') };
  }

  /** Time that cores spent on it so far, in ms: the kernel counts in steps of 10. */
  get cpuMs(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** One call, for which it must be free. Resolves to how its caller sees it end. */
  async invoke(requestId: string, event: unknown): Promise<Ended> {
    const { timeoutMs } = this.code;
    const told = this.#api.deliver({ requestId, event, deadline: Date.now() + timeoutMs });
    this.#settle();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<Ended>((resolve) => {
      timer = setTimeout(() => resolve({ outcome: 'timed out' }), timeoutMs);
    });
    const lost = this.#ended.then((): Ended => ({ outcome: 'lost' }));
    const ended = await Promise.race([told, timeout, lost]);
    clearTimeout(timer);
    this.#api.giveUp(requestId);
    if (this.isFree) this.onFree();
    // What is held cannot be told from a host that is gone, so nobody ends it.
    if (ended.outcome === 'timed out' && !this.#held && !this.#isShared) this.kill();
    return ended;
  }

  /** Freezes it where it is, until `release`. */
  hold(): void {
    this.#held = true;
    this.#settle();
  }

  /** Thaws it. What it was at goes on, whether or not anybody still waits for it. */
  release(): void {
    this.#held = false;
    this.#settle();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends the process and resolves when it is gone. */
  async close(): Promise<void> {
    this.kill();
    await this.#ended;
  }

  #hear(line: string): void {
    this.output.push(line);
    if (this.output.length > outputLinesMax) this.output.shift();
    if (/"level":"ERROR"|\tERROR\t|^\w*Error\b/.test(line)) this.errors.push(line);
  }

  get #isShared(): boolean {
    return this.code.concurrency > 1;
  }

  async #start(): Promise<void> {
    const began = performance.now();
    const waiting = new Promise<void>((resolve, reject) => {
      this.#api.onWaiting = resolve;
      this.#api.onInitError = (error) => reject(new Error(JSON.stringify(error)));
    });
    const lost = this.#ended.then(() => {
      throw new Error(`the runtime ended before it was ready output=${this.output.join('\n')}`);
    });
    await Promise.race([waiting, lost]);
    this.initMs = performance.now() - began;
    this.#state = 'ready';
    this.#api.onWaiting = () => this.#settle();
    this.#settle();
  }

  /** Frozen if a fault holds it, or if it waits for work and nothing is under way. */
  #settle(): void {
    const isIdle = this.#api.isWaiting && this.#api.inFlight === 0 && this.#state === 'ready';
    const stop = this.#held || (isIdle && !this.#isShared);
    if (stop !== this.#isStopped && this.#state !== 'lost') {
      this.#isStopped = stop;
      this.#child.kill(stop ? 'SIGSTOP' : 'SIGCONT');
    }
    if (this.#held || this.isFree) this.onFree();
  }
}

/** What Lambda sets, and what the function's configuration adds. Nothing of ours. */
function environment(code: FunctionCode, api: RuntimeApi): NodeJS.ProcessEnv {
  const { name, taskRoot, handler, memoryMb, concurrency } = code;
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_LAMBDA_RUNTIME_API: api.address,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'runtime-lane',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: '000000000000',
    AWS_SECRET_ACCESS_KEY: 'secret',
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    _HANDLER: handler,
    ...(concurrency === 1
      ? {}
      : {
          AWS_LAMBDA_MAX_CONCURRENCY: String(concurrency),
          // One thread, so that the calls meet in one process as they would in one event loop.
          AWS_LAMBDA_NODEJS_WORKER_COUNT: '1',
        }),
    ...code.environment,
  };
}
