import { median } from '../measure.ts';
import type { Usage } from './processes.ts';
import type { Done, Step } from './steps.ts';

/** One step by one row in one round. */
export interface Observed {
  readonly row: string;
  readonly step: Step;
  readonly done: Done;
  /** Of the server, during the step. */
  readonly serverCpuMs: number | undefined;
  readonly bound: number | undefined;
}

/** The medians of the rounds; NaN for what was not measured. */
export interface Figures {
  readonly row: string;
  readonly step: string;
  readonly recordsPerSecond: number;
  readonly mibPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the client's process. */
  readonly cpuMicros: number;
  readonly serverCpuMicros: number;
  /** Times by which it falls short of its bound. */
  readonly ratio: number;
  readonly rounds: number;
}

export function figuresOf(rounds: readonly Observed[]): Figures | undefined {
  const [first] = rounds;
  if (first === undefined) return undefined;
  const { row, step } = first;
  const middle = (of: (observed: Observed) => number | undefined): number => {
    const values = rounds.map(of).filter((value) => value !== undefined);
    return values.length === 0 ? Number.NaN : median(values);
  };
  const perSecond = ({ done }: Observed): number => (done.records * 1_000) / done.ms;
  const mib = (observed: Observed): number => (perSecond(observed) * step.bytes) / 2 ** 20;
  const single = step.kind === 'one' || step.kind === 'each';
  return {
    row,
    step: step.name,
    recordsPerSecond: middle(perSecond),
    mibPerSecond: middle(mib),
    p50Ms: middle(({ done }) => (single ? done.p50Ms : undefined)),
    p99Ms: middle(({ done }) => (single ? done.p99Ms : undefined)),
    cpuMicros: middle(({ done }) => (done.cpuMs * 1_000) / done.records),
    serverCpuMicros: perRecord(rounds),
    ratio: middle((observed) => {
      const { bound, done } = observed;
      if (bound === undefined) return undefined;
      return step.kind === 'one' ? done.p50Ms / bound : bound / mib(observed);
    }),
    rounds: rounds.length,
  };
}

/** Of all rounds together: the system counts in hundredths of a second. */
function perRecord(rounds: readonly Observed[]): number {
  let cpuMs = 0;
  let records = 0;
  for (const { serverCpuMs, done } of rounds) {
    if (serverCpuMs === undefined) return Number.NaN;
    cpuMs += serverCpuMs;
    records += done.records;
  }
  return (cpuMs * 1_000) / records;
}

/** What servers used between two looks at them. */
export const spent = (before: Usage | undefined, after: Usage | undefined): number | undefined =>
  before === undefined || after === undefined ? undefined : after.cpuMs - before.cpuMs;
