import { simulate } from './simulate.ts';

/** Simulates the seeds that it is sent, one at a time, until there are no more. */
process.on('message', (seed: number) => void run(seed));

// The one who asked decides when to end: Ctrl-C reaches both.
process.on('SIGINT', () => undefined);

async function run(seed: number): Promise<void> {
  const { anomalies, operations, records, calls, injected } = await simulate(seed);
  process.send?.({ seed, anomalies, operations, records, calls, injected });
}
