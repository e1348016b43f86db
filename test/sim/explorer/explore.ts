import { Interner } from './intern.ts';
import { describeStep } from './print.ts';
import type { Scenario } from './scenario.ts';
import type { System } from './search.ts';
import { answer, die, expire, initialState, isWrite, land, processOf } from './state.ts';
import type { Choice, Ending, Setting, State } from './state.ts';
import type { SimRequest } from './world.ts';

/** A scenario's number of states is bounded by this unless it says otherwise. */
const statesMaxDefault = 400_000;

/** The machines of the log in a scenario's world, as a system to be explored. */
export function logSystem(scenario: Scenario): System<State, Choice> {
  const { config, processes } = scenario;
  // How many commands in a row were one's own counts only where somebody may be the sole writer.
  const interner = new Interner(config.soleStreak > 1_000 ? ['ownBefore'] : []);
  const reads = processes.some(({ ops }) => ops.some((op) => op.do === 'read'));
  const setting = { scenario, checks: { config, interner, reads }, programs: processes };
  return {
    name: scenario.name,
    about: scenario.about,
    statesMax: scenario.statesMax ?? statesMaxDefault,
    keyOf: (state) => {
      // Late requests lie in no order.
      const late = state.late.map((request) => interner.number(request));
      return interner.number({ ...state, late: late.toSorted((a, b) => a - b) });
    },
    initial: () => initialState(setting),
    choicesOf: (state) => choicesOf(scenario, state),
    take: (state, choice) => take(setting, state, choice),
    hasEnded: (state) => state.processes.every(({ work }) => work === undefined),
    describe: describeStep,
  };
}

function take(setting: Setting, state: State, choice: Choice): State | undefined {
  switch (choice.kind) {
    case 'answer':
      return answer(setting, state, choice.process, choice.at, choice.ending);
    case 'land':
      return land(setting, state, choice.at);
    case 'expire':
      return expire(state, choice.process);
    case 'die':
      return die(setting, state, choice.process);
  }
}

function choicesOf(scenario: Scenario, state: State): readonly Choice[] {
  const choices: Choice[] = [];
  for (let i = 0; i < state.processes.length; i += 1) {
    const { pending, work, mayExpire, mayDie } = processOf(state, i);
    pending.forEach(({ request, reply }, at) => {
      if (reply !== undefined) return;
      for (const ending of endingsOf(scenario, state, request)) {
        choices.push({ kind: 'answer', process: i, at, ending });
      }
    });
    if (work === undefined) continue;
    if (mayExpire) choices.push({ kind: 'expire', process: i });
    if (mayDie) choices.push({ kind: 'die', process: i });
  }
  for (let at = 0; at < state.late.length; at += 1) choices.push({ kind: 'land', at });
  return choices;
}

function endingsOf(scenario: Scenario, state: State, request: SimRequest): readonly Ending[] {
  const endings: Ending[] = ['execute'];
  if (request.kind === 'get-hint' && scenario.hintLies === true) {
    endings.push('no hint', 'hint ahead');
  }
  if (state.faults === 0) return endings;
  const isFaulty = scenario.faulty?.includes(request.kind) ?? true;
  if (isFaulty && isWrite(request.kind)) endings.push('answer lost', 'late');
  if (isFaulty && scenario.refusals === true) endings.push('refused');
  return endings;
}
