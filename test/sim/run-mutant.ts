import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Mutant } from './mutants.ts';

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
export async function runMutant(mutant: Mutant): Promise<Tried> {
  const { stdout } = await run(
    process.execPath,
    [`--import=${path('mutant-hook.ts')}`, path('explorer/main.ts'), '--json', mutant.scenario],
    { env: { ...process.env, TAILRACE_MUTANT: mutant.name } },
  );
  return JSON.parse(stdout) as Tried;
}
