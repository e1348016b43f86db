import type { ExploredMutant, SimulatedMutant } from './mutant.ts';
import { appendMutants } from './mutants-append.ts';
import { brokerMutants } from './mutants-broker.ts';
import { engineMutants } from './mutants-engine.ts';
import { groupMutants } from './mutants-groups.ts';
import { leaseMutants } from './mutants-leases.ts';
import { levelMutants } from './mutants-levels.ts';
import { memberMutants } from './mutants-members.ts';
import { replayMutants } from './mutants-replay.ts';
import { topicMutants } from './mutants-topics.ts';

/** Each is caught by a scenario of the explorer's default suite. */
export const logMutants: readonly ExploredMutant[] = [
  ...appendMutants,
  ...levelMutants,
  ...groupMutants,
];

const inLogs = [...engineMutants, ...topicMutants, ...brokerMutants, ...replayMutants];
const inGroups = [...memberMutants, ...leaseMutants];

/** Each is caught by the simulator, within the seeds of a normal run. */
export const simMutants: readonly SimulatedMutant[] = [
  ...inLogs.map((mutant) => ({ ...mutant, world: 'logs' }) as const),
  ...inGroups.map((mutant) => ({ ...mutant, world: 'groups' }) as const),
];
