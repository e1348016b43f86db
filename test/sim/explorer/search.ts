import { ruleOf } from './violation.ts';

/** Something that can be explored: states, and what may happen in each. */
export interface System<State, Choice> {
  readonly name: string;
  readonly about: string;
  /** More states than these are not visited. */
  readonly statesMax: number;
  /** Equal for states that are equal. */
  readonly keyOf: (state: State) => number;
  readonly initial: () => State;
  readonly choicesOf: (state: State) => readonly Choice[];
  /** Undefined if another choice covers this one. */
  readonly take: (state: State, choice: Choice) => State | undefined;
  /** Whether all work is done here. From everywhere some way must lead to such a state. */
  readonly hasEnded: (state: State) => boolean;
  /** A step in words; `after` is absent where it broke a rule. */
  readonly describe: (before: State, choice: Choice, after: State | undefined) => string;
}

export interface Explored {
  readonly states: number;
  readonly edges: number;
  /** Steps of the longest shortest path. */
  readonly depth: number;
  /** Not all states were visited. */
  readonly cut: boolean;
  readonly violation?: Broken;
}

export interface Broken {
  readonly rule: string;
  readonly detail: string;
  /** A shortest way there, step by step. */
  readonly trace: readonly string[];
}

interface Failed<Choice> {
  readonly rule: string;
  readonly detail: string;
  readonly choices: readonly Choice[];
}

/** Visits every state that a system can reach, breadth first, so that traces are shortest. */
export function search<State, Choice>(system: System<State, Choice>): Explored {
  return new Search(system).run();
}

class Search<State, Choice> {
  readonly #system: System<State, Choice>;
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

  constructor(system: System<State, Choice>) {
    this.#system = system;
  }

  run(): Explored {
    const max = this.#system.statesMax;
    this.#meet(this.#system.initial(), -1, undefined);
    while (this.#frontier.length > 0 && this.#parents.length < max) {
      const layer = this.#frontier;
      this.#frontier = [];
      for (const [i, { state, index }] of layer.entries()) {
        if (this.#parents.length >= max) {
          this.#frontier = [...layer.slice(i), ...this.#frontier];
          break;
        }
        const failed = this.#expand(state, index);
        if (failed !== undefined) return this.#report(failed);
      }
    }
    return this.#report(this.#stuck());
  }

  #expand(state: State, index: number): Failed<Choice> | undefined {
    for (const choice of this.#system.choicesOf(state)) {
      try {
        const next = this.#system.take(state, choice);
        if (next !== undefined) this.#meet(next, index, choice);
      } catch (error) {
        return { ...ruleOf(error), choices: [...this.#choicesTo(index), choice] };
      }
    }
    return undefined;
  }

  #meet(state: State, from: number, choice: Choice | undefined): void {
    const key = this.#system.keyOf(state);
    let index = this.#visited.get(key);
    if (index === undefined) {
      index = this.#parents.length;
      this.#visited.set(key, index);
      this.#parents.push(from);
      this.#choices.push(choice);
      this.#depths.push(from < 0 ? 0 : (this.#depths[from] ?? 0) + 1);
      if (this.#system.hasEnded(state)) this.#ends.push(index);
      this.#frontier.push({ state, index });
    }
    if (from < 0) return;
    this.#from.push(from);
    this.#to.push(index);
  }

  /** A state from which no way leads to the end of all processes. What was cut may end. */
  #stuck(): Failed<Choice> | undefined {
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
    return { rule: 'never stuck', detail, choices: this.#choicesTo(stuck) };
  }

  #choicesTo(index: number): Choice[] {
    const trace: Choice[] = [];
    for (let at = index; at > 0; at = this.#parents[at] ?? 0) {
      const choice = this.#choices[at];
      if (choice !== undefined) trace.push(choice);
    }
    return trace.toReversed();
  }

  #report(failed: Failed<Choice> | undefined): Explored {
    const base = {
      states: this.#parents.length,
      edges: this.#from.length,
      depth: this.#depths.at(-1) ?? 0,
      cut: failed === undefined && this.#frontier.length > 0,
    };
    if (failed === undefined) return base;
    const { rule, detail, choices } = failed;
    return { ...base, violation: { rule, detail, trace: this.#describe(choices) } };
  }

  /** Goes the way again, to say what happens on it. */
  #describe(choices: readonly Choice[]): string[] {
    const { initial, take, describe } = this.#system;
    let state = initial();
    return choices.map((choice, i) => {
      const before = state;
      // The last step is the one that breaks a rule, unless the way just leads nowhere.
      try {
        state = take(state, choice) ?? state;
      } catch {
        return `${i + 1}. ${describe(before, choice, undefined)}`;
      }
      return `${i + 1}. ${describe(before, choice, state)}`;
    });
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
