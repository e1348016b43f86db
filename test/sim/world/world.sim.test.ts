import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { worldKinds } from './mix.ts';
import type { WorldKind } from './mix.ts';
import type { SeedResult, Totals } from './run-seeds.ts';
import { simulate } from './simulate.ts';
import { simSeeds } from './sim-seeds.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** On both cores; how many, and from where: SIM_SEEDS=100000 SIM_FROM=1. */
const from = Number(process.env['SIM_FROM'] ?? 1);

type Answer = Totals & { readonly wrong: readonly SeedResult[]; readonly seconds: number };

async function simulated(kind: WorldKind, count: number): Promise<Answer> {
  const args = [main, '--json', '--world', kind, '--seeds', String(count), '--from', String(from)];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }).catch(
    (error: { readonly stdout: string }) => error,
  );
  return JSON.parse(stdout) as Answer;
}

describe.each(worldKinds)('the world of %s', (kind) => {
  const count = Number(process.env['SIM_SEEDS'] ?? simSeeds[kind]);

  test(
    `nothing is wrong with seeds ${from} … ${from + count - 1}`,
    { timeout: 900_000 },
    async () => {
      const { wrong, seeds, operations, calls, injected, seconds } = await simulated(kind, count);
      const faults = Object.values(injected).reduce((sum, each) => sum + each, 0);
      console.log(
        `simulated ${kind}: seeds=${seeds} operations=${operations} store_calls=${calls} ` +
          `faults=${faults} seeds_per_minute=${((seeds / seconds) * 60).toFixed(0)}`,
      );
      // Each line is a command away from its whole story.
      const found = wrong.map(
        ({ seed, anomalies }) =>
          `npm run sim -- --world ${kind} --seed ${seed} --trace: ${JSON.stringify(anomalies[0])}`,
      );
      expect(found).toEqual([]);
      expect(seeds).toBe(count);
      // What is meant to happen does happen: a world without bad luck proves nothing. (Stale reads
      // do not: nothing reads eventually yet.)
      const happened = Object.keys(injected);
      expect(happened).toEqual(
        expect.arrayContaining([
          'lose-request',
          'lose-reply',
          'late',
          'slow',
          'throttle',
          'throttled by units',
          'unavailable',
          'torn query',
          'conflict',
          'partial delete',
          'crash',
          'freeze',
          'clock jump',
          'spell',
        ]),
      );
    },
  );
});

test('a seed is one history, whoever runs it and how often', { timeout: 120_000 }, async () => {
  for (const kind of worldKinds) {
    for (const seed of [3, 14, 77, 1_234, 99_999]) {
      const first = await simulate(kind, seed);
      const again = await simulate(kind, seed);
      expect(again.digest, `${kind} seed=${seed}`).toBe(first.digest);
      const { stdout } = await run(process.execPath, [main, '--world', kind, '--seed', `${seed}`]);
      expect(stdout, `${kind} seed=${seed}`).toContain(`digest: ${first.digest}`);
    }
  }
});
