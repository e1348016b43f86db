import type { DataCommand, Run } from '../core/log/command.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import { inlineBytesMax } from '../core/log/placement.ts';
import type { CommandId } from '../std/brands.ts';
import { drive } from './driver.ts';
import type { Deadline } from './driver.ts';
import type { LogContext } from './log-context.ts';
import { placeRun } from './open-run.ts';
import type { OpenRun, Share } from './open-run.ts';
import { uploadObject } from './uploads.ts';
import type { Uploaded } from './uploads.ts';

/** The bytes of one command on their way: carried in it, or uploaded before it. */
export class Staging {
  readonly shares: readonly Share[];
  readonly deadline: Deadline;
  readonly #context: LogContext;
  readonly #log: PartitionKey;
  readonly #runs: readonly OpenRun[];
  #upload: Promise<Uploaded> | undefined;

  /** Begins the upload, if there is one, at once. */
  constructor(
    context: LogContext,
    log: PartitionKey,
    runs: readonly OpenRun[],
    shares: readonly Share[],
    deadline: Deadline,
  ) {
    this.shares = shares;
    this.deadline = deadline;
    this.#context = context;
    this.#log = log;
    this.#runs = runs;
    const bytes = runs.reduce((sum, run) => sum + run.bytes.length, 0);
    if (bytes > inlineBytesMax(context.prices)) this.#upload = this.#begin(0);
  }

  /** The command, its objects acknowledged; under a higher floor they are uploaded again. */
  async command(id: CommandId, floor: number): Promise<DataCommand | undefined> {
    if (this.#upload === undefined) {
      const runs = this.#runs.map((open) => placeRun(open, { kind: 'inline', bytes: open.bytes }));
      return { kind: 'data', id, runs };
    }
    let uploaded = await this.#upload;
    if (uploaded.kind === 'uploaded' && uploaded.epoch < floor) {
      this.#upload = this.#begin(floor);
      uploaded = await this.#upload;
    }
    if (uploaded.kind === 'expired') return undefined;
    const { key, epoch } = uploaded;
    let from = 0;
    const runs = this.#runs.map((open): Run => {
      const { length } = open.bytes;
      const run = placeRun(open, { kind: 'object', key, from, length });
      from += length;
      return run;
    });
    return { kind: 'data', id, runs, epoch };
  }

  #begin(floor: number): Promise<Uploaded> {
    const bytes = this.#runs.map((run) => run.bytes);
    const upload = drive(
      uploadObject,
      { log: this.#log, bytes, floor },
      this.#context.performLog,
      this.deadline,
    );
    // Whoever awaits it meets the error; until then it is not unhandled.
    upload.catch(() => undefined);
    return upload;
  }
}
