import { appendMachine } from '../core/log/append-machine.ts';
import { ownStreak } from '../core/log/append-state.ts';
import type { AppendResult } from '../core/log/append-state.ts';
import type { Command, ControlCommand, SpillCommand, Verdict } from '../core/log/command.ts';
import type { Position } from '../core/log/head.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import { proposeGroup } from '../core/log/propose-group.ts';
import { must } from '../std/assert.ts';
import type { CommandId } from '../std/brands.ts';
import { limits } from '../std/limits.ts';
import type { LogContext } from './log-context.ts';
import type { Deadline } from './driver.ts';
import { drive } from './driver.ts';
import { joinRuns } from './open-run.ts';
import type { OpenRun } from './open-run.ts';
import { Staging } from './staging.ts';

/** What became of one submission. */
export type Appended =
  /** Decided for ever. `before`: offsets of its run that lie before its own. */
  | { readonly kind: 'decided'; readonly verdict: Verdict; readonly before: number }
  /** The topic is deleted. */
  | { readonly kind: 'closed' }
  /** Certainly not in the log. */
  | { readonly kind: 'not-committed' }
  | { readonly kind: 'unknown'; readonly commandId: CommandId };

/** An id that other processes may send too, and the first slot that may hold it. */
export interface Keyed {
  readonly id: CommandId;
  readonly walk: Position;
}

interface Submission {
  readonly open: OpenRun;
  readonly deadline: Deadline;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

type Job =
  | {
      readonly kind: 'runs';
      readonly submissions: Submission[];
      readonly staging: Staging;
      readonly keyed?: Keyed;
    }
  | {
      readonly kind: 'control';
      readonly command: ControlCommand;
      readonly deadline: Deadline;
      readonly resolve: (result: AppendResult) => void;
      readonly reject: (error: unknown) => void;
    };

/** Bytes from which on an upload begins while an earlier commit is still in flight. */
const earlyUploadBytes = 1024 * 1024;
const earlyUploadsMax = 4;

/**
 * The commits of one process to one partition: one at a time, in order. While one is in flight,
 * arriving runs wait and go together in the next, each bound to its own verdict; uploads of large
 * ones run ahead in parallel.
 */
export class Appender {
  readonly #context: LogContext;
  readonly #log: PartitionKey;
  readonly #jobs: Job[] = [];
  #open: Submission[] = [];
  #openBytes = 0;
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #spilling: Promise<void> | undefined;
  /** Publishes a group along with the next slot opened here: for a sole writer that is soon. */
  #carry: SpillCommand | undefined;

  constructor(context: LogContext, log: PartitionKey) {
    this.#context = context;
    this.#log = log;
  }

  get isIdle(): boolean {
    return this.#running === undefined && this.#spilling === undefined;
  }

  /** False: too much is waiting already; nothing was taken. */
  hasRoom(bytes: number): boolean {
    return this.#waitingBytes === 0 || this.#waitingBytes + bytes <= limits.appenderBytesMax;
  }

  append(open: OpenRun, deadline: Deadline, keyed?: Keyed): Promise<Appended> {
    this.#waitingBytes += open.bytes.length;
    return new Promise<Appended>((resolve, reject) => {
      const submission: Submission = { open, deadline, resolve, reject };
      if (keyed !== undefined) {
        this.#cut();
        this.#push([submission], keyed);
      } else {
        const full =
          this.#openBytes + open.bytes.length > limits.commitBytesMax ||
          this.#open.length >= limits.commitRunsMax;
        if (full) this.#cut();
        this.#open.push(submission);
        this.#openBytes += open.bytes.length;
        const ahead = this.#jobs.length < earlyUploadsMax;
        if (this.#openBytes >= earlyUploadBytes && ahead) this.#cut();
      }
      this.#wake();
    });
  }

  /** Commits a command without data, in its turn. */
  control(command: ControlCommand, deadline: Deadline): Promise<AppendResult> {
    return new Promise<AppendResult>((resolve, reject) => {
      this.#cut();
      this.#jobs.push({ kind: 'control', command, deadline, resolve, reject });
      this.#wake();
    });
  }

  /** Resolves when nothing of this partition is under way. */
  async settled(): Promise<void> {
    while (this.#running !== undefined || this.#spilling !== undefined) {
      await (this.#running ?? this.#spilling);
    }
  }

  #cut(): void {
    if (this.#open.length === 0) return;
    const submissions = this.#open;
    this.#open = [];
    this.#openBytes = 0;
    this.#push(submissions);
  }

  #push(submissions: Submission[], keyed?: Keyed): void {
    const { runs, shares } = joinRuns(submissions.map(({ open }) => open));
    const deadline = must(submissions[0], 'a submission').deadline;
    const staging = new Staging(this.#context, this.#log, runs, shares, deadline);
    const job = { kind: 'runs', submissions, staging } as const;
    this.#jobs.push(keyed === undefined ? job : { ...job, keyed });
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#jobs.length > 0 || this.#open.length > 0) this.#wake();
    });
  }

  async #run(): Promise<void> {
    // What arrives in the same turn of the event loop goes together.
    await Promise.resolve();
    for (;;) {
      if (this.#jobs.length === 0) this.#cut();
      const job = this.#jobs.shift();
      if (job === undefined) return;
      try {
        await (job.kind === 'control' ? this.#control(job) : this.#commit(job));
      } catch (error) {
        const waiting = job.kind === 'control' ? [job] : job.submissions;
        for (const { reject } of waiting) reject(error);
      }
    }
  }

  async #control(job: Extract<Job, { kind: 'control' }>): Promise<void> {
    job.resolve(await this.#drive(job.command, job.deadline));
  }

  async #commit(job: Extract<Job, { kind: 'runs' }>): Promise<void> {
    const { submissions, staging, keyed } = job;
    const id = keyed?.id ?? this.#context.env.ids.command();
    try {
      let floor = 0;
      for (;;) {
        const command = await staging.command(id, floor);
        if (command === undefined) {
          for (const { resolve } of submissions) resolve({ kind: 'not-committed' });
          return;
        }
        const result = await this.#drive(command, staging.deadline, keyed?.walk);
        if (result.kind !== 'restage') {
          submissions.forEach(({ resolve }, i) => resolve(outcomeFor(result, id, staging, i)));
          return;
        }
        floor = result.floor;
      }
    } finally {
      for (const { open } of submissions) this.#waitingBytes -= open.bytes.length;
    }
  }

  async #drive(command: Command, deadline: Deadline, walk?: Position): Promise<AppendResult> {
    const { env, config, sights, performLog, producerExpiryMs } = this.#context;
    const carry = this.#carry;
    const result = await drive(
      appendMachine,
      {
        log: this.#log,
        config,
        command,
        prefix: env.ids.processPrefix,
        sight: sights.get(this.#log),
        stale: !sights.isRecent(this.#log) && !this.#isSole(),
        ...(walk === undefined ? {} : { walk }),
        ...(carry === undefined ? {} : { carry }),
        expiredBefore: BigInt(env.clock.serviceNow() - producerExpiryMs),
      },
      performLog,
      deadline,
    );
    sights.see(this.#log, result.sight);
    this.#context.changes.announce(this.#log);
    if (result.kind === 'decided' && result.opened) {
      if (carry !== undefined) this.#carry = undefined;
      this.#spillIfDue();
    }
    return result;
  }

  #isSole(): boolean {
    const { config, env, sights } = this.#context;
    const sight = sights.get(this.#log);
    return sight !== undefined && ownStreak(sight, env.ids.processPrefix) >= config.soleStreak;
  }

  /** The winner of the advance that completes a group spills it; later every 8th tries again. */
  #spillIfDue(): void {
    const head = this.#context.sights.get(this.#log)?.replayed.head;
    const first = head?.groups[0];
    if (head === undefined || first === undefined || this.#spilling !== undefined) return;
    // What publishes it is made, and travels with the next slot.
    if (this.#carry !== undefined) return;
    if ((head.end.seq - first.seq) % this.#context.config.spillRetryEvery !== 0) return;
    this.#spilling = this.#spill()
      .catch((error: unknown) => this.#context.onError(error))
      .finally(() => {
        this.#spilling = undefined;
      });
  }

  /** No more groups than there are now: what publishes them fills slots, hence groups, itself. */
  async #spill(): Promise<void> {
    const { config, env, performLog, sights } = this.#context;
    const groups = sights.get(this.#log)?.replayed.head.groups.length ?? 0;
    for (let i = 0; i < groups; i += 1) {
      const head = sights.get(this.#log)?.replayed.head;
      if (head === undefined || head.groups.length === 0 || head.closed) return;
      const deadline = this.#context.deadline();
      const input = { log: this.#log, config, head };
      const proposed = await drive(proposeGroup, input, performLog, deadline);
      if (proposed.kind !== 'proposed') return;
      env.metrics.count('spill_groups');
      if (head.groups.length === 1 && this.#isSole()) {
        this.#carry = proposed.command;
        return;
      }
      const result = await this.control(proposed.command, deadline);
      if (result.kind !== 'decided') return;
    }
  }
}

function outcomeFor(
  result: Exclude<AppendResult, { kind: 'restage' }>,
  commandId: CommandId,
  staging: Staging,
  i: number,
): Appended {
  switch (result.kind) {
    case 'decided': {
      const { run, before } = must(staging.shares[i], 'share');
      return { kind: 'decided', verdict: must(result.verdicts[run], 'verdict'), before };
    }
    case 'unknown':
      return { kind: 'unknown', commandId };
    default:
      return { kind: result.kind };
  }
}
