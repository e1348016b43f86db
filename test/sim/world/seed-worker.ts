import type { WorldKind } from './mix.ts';
import { simulate } from './simulate.ts';

const kind = process.argv[2] as WorldKind;

/** Simulates the seeds that it is sent, one at a time, until there are no more. */
process.on('message', (seed: number) => void run(seed));

// The one who asked decides when to end: Ctrl-C reaches both.
process.on('SIGINT', () => undefined);

async function run(seed: number): Promise<void> {
  const { anomalies, operations, records, calls, injected } = await simulate(kind, seed);
  process.send?.({ seed, anomalies, operations, records, calls, injected });
}
