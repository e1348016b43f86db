import { partition, topicId } from '../../lib/std/brands.ts';
import { Seeded } from '../../test/engine/seeded.ts';
import { Scheduler } from '../../test/sim/world/scheduler.ts';
import { Cloud } from './cloud.ts';
import type { Call } from './cloud.ts';
import { exponential } from './latency.ts';
import type { Site, StartWriter, Writer } from './writers.ts';

export interface Load {
  /** Processes at the start. */
  readonly writers: number;
  /**
   * Requests that arrive, each at a random idle process, or at a new one that has seen nothing if
   * none is idle. Absent: a closed loop, each writer's next request follows its last.
   */
  readonly perSecond?: number;
  readonly partitions: number;
  /** Bytes of value of the one record in each batch. */
  readonly valueBytes: number;
}

export interface Run {
  readonly load: Load;
  readonly seed: number;
  readonly start: StartWriter;
  /** Requests of this time are not counted. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** One request, with every call that was made for it. */
export interface Served {
  readonly startedMs: number;
  readonly answeredMs: number;
  readonly committed: boolean;
  readonly calls: readonly Call[];
}

export interface Observed {
  /** Requests that began after the warm-up, whenever they ended. */
  readonly served: readonly Served[];
  /** Commits answered within the time that is measured, whenever they began. */
  readonly commits: number;
  /** Requests after the warm-up that met no idle process. */
  readonly coldStarts: number;
  /** And those that no process took, since there were `processesMax` already. */
  readonly refused: number;
}

/** Lambda's default limit of concurrent executions in an account. */
const processesMax = 1_000;
const eventsMax = 100_000_000;

/** One world of its own: the same run always gives the same requests. */
export async function observe(run: Run): Promise<Observed> {
  const world = new World(run);
  const { perSecond } = run.load;
  await (perSecond === undefined ? world.closedLoop() : world.openLoop(perSecond));
  return world.observed();
}

class World {
  readonly #run: Run;
  readonly #scheduler = new Scheduler();
  readonly #random: Seeded;
  readonly #site: Site;
  readonly #untilMs: number;
  readonly #idle: Writer[];
  readonly #served: Served[] = [];
  #processes = 0;
  #commits = 0;
  #busy = 0;
  #coldStarts = 0;
  #refused = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(run: Run) {
    this.#run = run;
    this.#random = new Seeded(run.seed);
    const cloud = new Cloud(this.#scheduler, this.#random.int(0, 2 ** 31));
    this.#site = { scheduler: this.#scheduler, cloud, valueBytes: run.load.valueBytes };
    this.#untilMs = run.warmUpMs + run.measureMs;
    this.#idle = Array.from({ length: run.load.writers }, () => this.#newProcess());
  }

  async closedLoop(): Promise<void> {
    for (const writer of this.#idle) {
      // Together they would race in step, which nobody does for long.
      this.#scheduler.after(this.#random.next() * 100, () => this.#loop(writer));
    }
    await this.#end(() => this.#busy === 0 && this.#scheduler.nowMs >= this.#untilMs);
  }

  async openLoop(perSecond: number): Promise<void> {
    let arriving = true;
    const arrive = (): void => {
      arriving = this.#scheduler.nowMs < this.#untilMs;
      if (!arriving) return;
      const writer = this.#takeIdle();
      if (writer !== undefined) this.#watch(this.#serve(writer));
      this.#scheduler.after(exponential(perSecond, this.#random), arrive);
    };
    arrive();
    await this.#end(() => !arriving && this.#busy === 0);
  }

  observed(): Observed {
    return {
      served: this.#served,
      commits: this.#commits,
      coldStarts: this.#coldStarts,
      refused: this.#refused,
    };
  }

  async #end(over: () => boolean): Promise<void> {
    await this.#scheduler.run(() => over() || this.#failure !== undefined, eventsMax);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #loop(writer: Writer): void {
    const again = async (): Promise<void> => {
      while (this.#scheduler.nowMs < this.#untilMs) await this.#serve(writer);
    };
    this.#watch(again());
  }

  #watch(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#failure ??= { error };
    });
  }

  #newProcess(): Writer {
    this.#processes += 1;
    return this.#run.start(this.#site, this.#random.int(0, 2 ** 31));
  }

  #takeIdle(): Writer | undefined {
    const at = this.#random.int(0, this.#idle.length - 1);
    const [writer] = this.#idle.splice(Math.max(0, at), 1);
    if (writer !== undefined) return writer;
    const counts = this.#scheduler.nowMs >= this.#run.warmUpMs;
    if (this.#processes >= processesMax) {
      if (counts) this.#refused += 1;
      return undefined;
    }
    if (counts) this.#coldStarts += 1;
    return this.#newProcess();
  }

  async #serve(writer: Writer): Promise<void> {
    const log = {
      topicId: topicId('A'.repeat(22)),
      partition: partition(this.#random.int(0, this.#run.load.partitions - 1)),
    };
    const startedMs = this.#scheduler.nowMs;
    this.#busy += 1;
    const committed = await writer.append(log);
    this.#busy -= 1;
    if (this.#run.load.perSecond !== undefined) this.#idle.push(writer);
    const answeredMs = this.#scheduler.nowMs;
    const calls = writer.takeCalls();
    const measured = answeredMs >= this.#run.warmUpMs && answeredMs < this.#untilMs;
    if (measured && committed) this.#commits += 1;
    if (startedMs < this.#run.warmUpMs || startedMs >= this.#untilMs) return;
    this.#served.push({ startedMs, answeredMs, committed, calls });
  }
}
