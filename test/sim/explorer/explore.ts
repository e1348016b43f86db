import { Interner } from './intern.ts';
import { answer, die, expire, initialState, isWrite, land, processOf, ruleOf } from './state.ts';
import type { Ending, Setting, State } from './state.ts';
import type { Scenario } from './scenario.ts';
import type { SimRequest } from './world.ts';

/** What may happen next. */
export type Choice =
  | {
      readonly kind: 'answer';
      readonly process: number;
      readonly at: number;
      readonly ending: Ending;
    }
  | { readonly kind: 'land'; readonly at: number }
  | { readonly kind: 'expire'; readonly process: number }
  | { readonly kind: 'die'; readonly process: number };

export interface Explored {
  readonly scenario: Scenario;
  readonly states: number;
  readonly edges: number;
  /** Steps of the longest shortest path. */
  readonly depth: number;
  /** Not all states were visited. */
  readonly cut: boolean;
  readonly violation?: {
    readonly rule: string;
    readonly detail: string;
    /** A shortest way there. */
    readonly trace: readonly Choice[];
  };
}

/** A scenario's number of states is bounded by this unless it says otherwise. */
const statesMaxDefault = 400_000;

/** Visits every state that a scenario can reach, breadth first, so that traces are shortest. */
export function explore(scenario: Scenario): Explored {
  return new Exploration(scenario).run();
}

export function settingOf(scenario: Scenario, interner: Interner): Setting {
  const { config, processes } = scenario;
  const reads = processes.some(({ ops }) => ops.some((op) => op.do === 'read'));
  return { scenario, checks: { config, interner, reads }, programs: processes };
}

/** How many commands in a row were one's own counts only where somebody may be the sole writer. */
export function ignoredOf({ config }: Scenario): string[] {
  return config.soleStreak > 1_000 ? ['ownBefore'] : [];
}

class Exploration {
  readonly #scenario: Scenario;
  readonly #interner: Interner;
  readonly #setting: Setting;
  readonly #visited = new Map<number, number>();
  /** By state: the state it was reached from, and by which choice. */
  readonly #parents: number[] = [];
  readonly #choices: (Choice | undefined)[] = [];
  readonly #depths: number[] = [];
  readonly #ends: number[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  /** States that were met and not yet looked at, with their numbers. */
  #frontier: { state: State; index: number }[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#interner = new Interner(ignoredOf(scenario));
    this.#setting = settingOf(scenario, this.#interner);
  }

  run(): Explored {
    const max = this.#scenario.statesMax ?? statesMaxDefault;
    this.#meet(initialState(this.#setting), -1, undefined);
    while (this.#frontier.length > 0 && this.#parents.length < max) {
      const layer = this.#frontier;
      this.#frontier = [];
      for (const [i, { state, index }] of layer.entries()) {
        if (this.#parents.length >= max) {
          this.#frontier.push(...layer.slice(i));
          break;
        }
        const failed = this.#expand(state, index);
        if (failed !== undefined) return this.#report(failed);
      }
    }
    return this.#report(this.#stuck());
  }

  #expand(state: State, index: number): Explored['violation'] {
    for (const choice of choicesOf(this.#scenario, state)) {
      try {
        const next = take(this.#setting, state, choice);
        if (next !== undefined) this.#meet(next, index, choice);
      } catch (error) {
        return { ...ruleOf(error), trace: [...this.#traceTo(index), choice] };
      }
    }
    return undefined;
  }

  #meet(state: State, from: number, choice: Choice | undefined): void {
    const key = this.#interner.number(this.#keyOf(state));
    let index = this.#visited.get(key);
    if (index === undefined) {
      index = this.#parents.length;
      this.#visited.set(key, index);
      this.#parents.push(from);
      this.#choices.push(choice);
      this.#depths.push(from < 0 ? 0 : (this.#depths[from] ?? 0) + 1);
      if (state.processes.every(({ work }) => work === undefined)) this.#ends.push(index);
      this.#frontier.push({ state, index });
    }
    if (from < 0) return;
    this.#from.push(from);
    this.#to.push(index);
  }

  /** What tells states apart: late requests lie in no order. */
  #keyOf(state: State): object {
    const late = state.late.map((request) => this.#interner.number(request));
    return { ...state, late: late.toSorted((a, b) => a - b) };
  }

  /** A state from which no way leads to the end of all processes. What was cut may end. */
  #stuck(): Explored['violation'] {
    const states = this.#parents.length;
    const ends = new Uint8Array(states);
    const frontier = this.#frontier.map(({ index }) => index);
    const queue = [...this.#ends, ...frontier];
    for (const index of queue) ends[index] = 1;
    const [starts, sources] = reversed(this.#from, this.#to, states);
    for (let i = 0; i < queue.length; i += 1) {
      const index = queue[i] as number;
      for (let edge = starts[index] ?? 0; edge < (starts[index + 1] ?? 0); edge += 1) {
        const source = sources[edge] as number;
        if (ends[source] === 1) continue;
        ends[source] = 1;
        queue.push(source);
      }
    }
    const stuck = ends.indexOf(0);
    if (stuck < 0) return undefined;
    const detail = `no way leads on to the end from ${ends.filter((end) => end === 0).length} states`;
    return { rule: 'never stuck', detail, trace: this.#traceTo(stuck) };
  }

  #traceTo(index: number): Choice[] {
    const trace: Choice[] = [];
    for (let at = index; at > 0; at = this.#parents[at] ?? 0) {
      const choice = this.#choices[at];
      if (choice !== undefined) trace.push(choice);
    }
    return trace.toReversed();
  }

  #report(violation: Explored['violation']): Explored {
    const base = {
      scenario: this.#scenario,
      states: this.#parents.length,
      edges: this.#from.length,
      depth: this.#depths.at(-1) ?? 0,
      cut: violation === undefined && this.#frontier.length > 0,
    };
    return violation === undefined ? base : { ...base, violation };
  }
}

/** Edges by target: the sources of target t are sources[starts[t] … starts[t + 1]). */
function reversed(from: number[], to: number[], states: number): [Uint32Array, Uint32Array] {
  const starts = new Uint32Array(states + 2);
  for (const target of to) starts[target + 2] = (starts[target + 2] ?? 0) + 1;
  for (let i = 1; i < starts.length; i += 1) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const sources = new Uint32Array(to.length);
  for (let edge = 0; edge < to.length; edge += 1) {
    const slot = (to[edge] as number) + 1;
    sources[starts[slot] ?? 0] = from[edge] as number;
    starts[slot] = (starts[slot] ?? 0) + 1;
  }
  return [starts, sources];
}

export function take(setting: Setting, state: State, choice: Choice): State | undefined {
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

export function choicesOf(scenario: Scenario, state: State): readonly Choice[] {
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
