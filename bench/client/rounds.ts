import { loadavg } from 'node:os';
import { boundOf, Echo, measureBounds } from './bounds.ts';
import type { Bounds } from './bounds.ts';
import { isKafka } from './driver.ts';
import { spent } from './figures.ts';
import type { Observed } from './figures.ts';
import { usageOf } from './processes.ts';
import type { Row } from './rows.ts';
import { consumes } from './steps.ts';
import type { Limit, Step } from './steps.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface Plan {
  readonly steps: readonly Step[];
  /** How long each bound is measured, before each step. */
  readonly boundMs: number;
  readonly limit: Limit;
  readonly rounds: number;
  /** Of each topic that is consumed, before the first round. */
  readonly fillBytes: number;
  readonly fillMs: number;
  /** After the first round, nothing is measured that would begin later. */
  readonly budgetMs: number;
}

export interface Measured {
  readonly observed: readonly Observed[];
  readonly bounds: readonly Bounds[];
  /** Processes that run or want to, in the last minute, before each round. */
  readonly loads: readonly number[];
}

export interface Client {
  readonly row: Row;
  readonly worker: WorkerProcess;
}

/** All rows take turns at each step, in another order in each round. The first round only warms. */
export async function measureRounds(
  clients: readonly Client[],
  plan: Plan,
  folder: string,
): Promise<Measured> {
  const observed: Observed[] = [];
  const bounds: Bounds[] = [];
  const loads: number[] = [];
  const echo = await Echo.start();
  const until = performance.now() + plan.budgetMs;
  for (let round = 0; round <= plan.rounds; round += 1) {
    const turn = round % clients.length;
    const order = [...clients.slice(turn), ...clients.slice(0, turn)];
    if (round > 0) loads.push(loadavg()[0] ?? 0);
    for (const step of plan.steps) {
      if (round > 1 && performance.now() > until) break;
      const bound = await measureBounds(echo, folder, plan.boundMs);
      if (round > 0) bounds.push(bound);
      for (const client of order) {
        if (!applies(step, client.row)) continue;
        const limit = round === 0 ? warming(step, plan) : plan.limit;
        const one = await observe(client, step, limit, bound);
        if (round > 0) observed.push(one);
      }
    }
  }
  await echo.stop();
  return { observed, bounds, loads };
}

/** To read is the same, whether what was written was synced. Only Tailrace has a linger. */
function applies(step: Step, { target }: Row): boolean {
  if (!isKafka(target)) return true;
  return step.lingers === undefined && !(target.synced && consumes(step));
}

function warming({ kind, bytes }: Step, { limit, fillBytes, fillMs }: Plan): Limit {
  if (kind !== 'many') return limit;
  return { ms: fillMs, records: Math.min(limit.records, Math.ceil(fillBytes / bytes)) };
}

async function observe(
  { row, worker }: Client,
  step: Step,
  limit: Limit,
  bounds: Bounds,
): Promise<Observed> {
  const before = usageOf(row.pids);
  const done = await worker.step(step, limit);
  const serverCpuMs = spent(before, usageOf(row.pids));
  return { row: row.name, step, done, serverCpuMs, bound: boundOf(step, row.target, bounds) };
}
