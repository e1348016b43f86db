import { logSystem } from './explore.ts';
import { groupScenarios, longGroupScenarios } from './groups/scenarios.ts';
import { groupSystem } from './groups/system.ts';
import { longScenarios, scenarios } from './scenarios.ts';
import { search } from './search.ts';
import type { Explored, System } from './search.ts';
import {
  longTransactionScenarios,
  transactionScenarios,
  transactionSystem,
} from './transactions.ts';

/** A system to be explored, whatever its states are. */
export interface Subject {
  readonly name: string;
  readonly about: string;
  readonly explore: () => Explored;
}

const subject = <State, Choice>(system: System<State, Choice>): Subject => ({
  name: system.name,
  about: system.about,
  explore: () => search(system),
});

/** Explored by the tests. Each is visited whole. */
export const subjects: readonly Subject[] = [
  ...scenarios.map((scenario) => subject(logSystem(scenario))),
  ...transactionScenarios.map((scenario) => subject(transactionSystem(scenario))),
  ...groupScenarios.map((scenario) => subject(groupSystem(scenario))),
];

/** Larger ones; some are too large to be visited whole. */
export const longSubjects: readonly Subject[] = [
  ...longScenarios.map((scenario) => subject(logSystem(scenario))),
  ...longTransactionScenarios.map((scenario) => subject(transactionSystem(scenario))),
  ...longGroupScenarios.map((scenario) => subject(groupSystem(scenario))),
];
