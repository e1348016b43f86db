import type { WorldKind } from './world/mix.ts';

/** One protection removed, by a change of source text: production code has no switches. */
export interface Mutant {
  readonly name: string;
  /** What goes wrong without the protection. */
  readonly about: string;
  readonly changes: readonly Change[];
}

/** Caught by this scenario of the explorer's default suite. */
export interface ExploredMutant extends Mutant {
  readonly scenario: string;
}

/** Caught by the simulator, in this world. */
export interface SimulatedMutant extends Mutant {
  readonly world: WorldKind;
}

interface Change {
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** A change in one place. */
export const change = (file: string, find: string, replace: string): readonly Change[] => [
  { file, find, replace },
];
