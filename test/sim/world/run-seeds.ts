import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Anomaly } from '../checker/history.ts';
import type { WorldKind } from './mix.ts';

/** What one seed came to, without its trace. */
export interface SeedResult {
  readonly seed: number;
  readonly anomalies: readonly Anomaly[];
  readonly operations: number;
  readonly records: number;
  readonly calls: number;
  readonly injected: Readonly<Record<string, number>>;
}

/** Sums over seeds. */
export interface Totals {
  readonly seeds: number;
  readonly operations: number;
  readonly records: number;
  readonly calls: number;
  readonly injected: Readonly<Record<string, number>>;
}

export const noTotals: Totals = { seeds: 0, operations: 0, records: 0, calls: 0, injected: {} };

export function plus(totals: Totals, result: SeedResult): Totals {
  const injected = { ...totals.injected };
  for (const [name, count] of Object.entries(result.injected)) {
    injected[name] = (injected[name] ?? 0) + count;
  }
  return {
    seeds: totals.seeds + 1,
    operations: totals.operations + result.operations,
    records: totals.records + result.records,
    calls: totals.calls + result.calls,
    injected,
  };
}

export interface Seeds {
  readonly kind: WorldKind;
  readonly from: number;
  readonly count: number;
  /** Processes side by side. */
  readonly jobs: number;
  /** Ends the run as soon as what is under way is done. */
  readonly stop: AbortSignal;
  /** Told of each seed as it is done, in no order. */
  readonly onResult: (result: SeedResult) => void;
}

const worker = fileURLToPath(new URL('seed-worker.ts', import.meta.url));

/**
 * Runs seeds in processes of their own, one seed at a time each. Returns the first seed that is not
 * done: all below it are. A process that dies fails the run.
 */
export async function runSeeds({
  kind,
  from,
  count,
  jobs,
  stop,
  onResult,
}: Seeds): Promise<number> {
  const to = from + count;
  const underWay = new Set<number>();
  let next = from;
  const work = (child: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      let seed: number | undefined;
      const more = (): void => {
        if (stop.aborted || next >= to) {
          child.disconnect();
          return;
        }
        seed = next;
        next += 1;
        underWay.add(seed);
        child.send(seed);
      };
      child.on('message', (result: SeedResult) => {
        underWay.delete(result.seed);
        onResult(result);
        more();
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`a worker died, code=${code} signal=${signal} seed=${seed}`));
      });
      more();
    });
  const children = Array.from({ length: jobs }, () => fork(worker, [kind]));
  try {
    await Promise.all(children.map(work));
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  }
  return Math.min(next, ...underWay);
}
