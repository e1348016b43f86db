import type { ExploredMutant, Mutant } from './mutant.ts';
import { appendMutants } from './mutants-append.ts';
import { brokerMutants } from './mutants-broker.ts';
import { engineMutants } from './mutants-engine.ts';
import { groupMutants } from './mutants-groups.ts';
import { levelMutants } from './mutants-levels.ts';
import { replayMutants } from './mutants-replay.ts';
import { topicMutants } from './mutants-topics.ts';

/** Each is caught by a scenario of the explorer's default suite. */
export const logMutants: readonly ExploredMutant[] = [
  ...appendMutants,
  ...levelMutants,
  ...groupMutants,
];

/** Each is caught by the simulator, within the seeds of a normal run. */
export const simMutants: readonly Mutant[] = [
  ...engineMutants,
  ...topicMutants,
  ...brokerMutants,
  ...replayMutants,
];
