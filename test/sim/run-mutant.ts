import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ExploredMutant, Mutant, SimulatedMutant } from './mutant.ts';
import type { SeedResult } from './world/run-seeds.ts';
import { simSeeds } from './world/sim-seeds.ts';

const run = promisify(execFile);
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What the explorer says of a mutant's scenario. */
export interface Tried {
  readonly states: number;
  readonly cut: boolean;
  /** The rule that fired, after the fewest steps that lead there; absent: it was not caught. */
  readonly rule?: string;
  readonly steps?: number;
}

/** Explores a mutant's scenario in a process of its own, whose modules the hook changes. */
export async function exploreMutant(mutant: ExploredMutant): Promise<Tried> {
  return JSON.parse(await mutated(mutant, 'explorer/main.ts', mutant.scenario)) as Tried;
}

/** The first seed at which something was wrong, and the rule that fired; absent: it was not caught. */
export interface Simulated {
  readonly seed?: number;
  readonly rule?: string;
}

/** Simulates a mutant's world, seed by seed, until something is wrong or a test would end. */
export async function simulateMutant(mutant: SimulatedMutant): Promise<Simulated> {
  const { world } = mutant;
  const seeds = String(simSeeds[world]);
  const options = ['--first', '--jobs', '1', '--world', world, '--seeds', seeds];
  const answer = await mutated(mutant, 'main.ts', ...options);
  const [first] = (JSON.parse(answer) as { readonly wrong: readonly SeedResult[] }).wrong;
  const rule = first?.anomalies[0]?.rule;
  return first === undefined || rule === undefined ? {} : { seed: first.seed, rule };
}

/** What a program says of itself with one rule removed. A process that dies says nothing. */
async function mutated(
  { name }: Mutant,
  program: string,
  ...options: readonly string[]
): Promise<string> {
  const args = [`--import=${path('mutant-hook.ts')}`, path(program), '--json', ...options];
  const env = { ...process.env, TAILRACE_MUTANT: name };
  const { stdout } = await run(process.execPath, args, { env, maxBuffer: 64 * 1024 * 1024 }).catch(
    (error: Error & { readonly code: unknown; readonly stdout: string }) => {
      // 1: it was found out.
      if (error.code === 1 && error.stdout !== '') return error;
      throw error;
    },
  );
  return stdout;
}
