import { must } from '../../../lib/std/assert.ts';
import { commandId, offset } from '../../../lib/std/brands.ts';
import type { NewNames } from '../../../lib/core/log/requests.ts';
import { isFull } from '../../../lib/core/log/slot.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { checkTold } from './check-told.ts';
import { checkChange } from './check-world.ts';
import type { Checks, Promises } from './check-world.ts';
import { staged, stagedBytes } from './commands.ts';
import { append, startOp } from './process.ts';
import type { Finished, Op, Pending, Process } from './process.ts';
import type { Program, Scenario } from './scenario.ts';
import type { Move } from './work.ts';
import { demand, Violation } from './violation.ts';
import { emptyWorld, execute, putObject } from './world.ts';
import type { SimReply, SimRequest, World } from './world.ts';

/** Everything at one moment. */
export interface State {
  readonly world: World;
  readonly processes: readonly Process[];
  /** Requests that may still land: their senders were told that nothing is known. */
  readonly late: readonly SimRequest[];
  readonly faults: number;
  readonly promises: Promises;
}

export interface Setting {
  readonly scenario: Scenario;
  readonly checks: Checks;
  readonly programs: readonly Program[];
}

/** Steps that a machine may make without the store before it counts as spinning. */
const idleStepsMax = 100;

const nobody: Promises = { never: new Map(), acknowledged: offset(0n), closed: false };

/** The state in which all processes of the scenario begin. */
export function initialState({ scenario, checks }: Setting): State {
  const world = emptyWorld(scenario.config);
  const alone: Setting = { scenario, checks, programs: [{ ops: scenario.before ?? [] }] };
  let state = begin(alone, 's', { world, processes: [], late: [], faults: 0, promises: nobody });
  while (state.processes.some(({ work }) => work !== undefined)) {
    const at = state.processes[0]?.pending.findIndex(({ reply }) => reply === undefined) ?? 0;
    state = must(answer(alone, state, 0, at, 'execute'), 'a state');
  }
  const clean = { ...state, processes: [], faults: scenario.faults };
  return begin({ scenario, checks, programs: scenario.processes }, 'p', clean);
}

function begin(setting: Setting, letter: string, state: State): State {
  return setting.programs.reduce((before, { mayExpire = false, mayDie = false }, i) => {
    const process: Process = {
      name: `${letter}${i + 1}`,
      at: -1,
      work: undefined,
      pending: [],
      sight: undefined,
      expired: false,
      mayExpire,
      mayDie,
      names: 0,
      acknowledged: offset(0n),
    };
    return nextOp(setting, { ...before, processes: [...before.processes, process] }, i);
  }, state);
}

const opOf = (setting: Setting, state: State, i: number): Op | undefined =>
  setting.programs[i]?.ops[processOf(state, i).at];

export function processOf(state: State, i: number): Process {
  const process = state.processes[i];
  if (process === undefined) throw new Error(`no process i=${i}`);
  return process;
}

function withProcess(state: State, i: number, change: Partial<Process>): State {
  const processes = [...state.processes];
  processes[i] = { ...processOf(state, i), ...change };
  return { ...state, processes };
}

/** Nothing that a process knew counts once it has ended. */
const ended = { sight: undefined, mayExpire: false, mayDie: false, names: 0 } as const;

function nextOp(setting: Setting, state: State, i: number): State {
  const { acknowledged } = state.promises;
  const at = processOf(state, i).at + 1;
  const change = { at, acknowledged, work: undefined, pending: [], expired: false };
  const started = withProcess(state, i, change);
  const op = opOf(setting, started, i);
  if (op === undefined) return withProcess(started, i, ended);
  const { config } = setting.scenario;
  const process = processOf(started, i);
  const ready = op.do === 'append' ? upload(started, op.command) : started;
  return follow(setting, ready, i, startOp(process, op, config, ready.world.stage));
}

/** Bytes first: the objects of a command lie there before its machine begins. */
function upload(state: State, command: Extract<Op, { do: 'append' }>['command']): State {
  if (command.kind !== 'data' || command.epoch === undefined) return state;
  const place = command.runs[0]?.place;
  if (place?.kind !== 'object') return state;
  return { ...state, world: putObject(state.world, place.key, stagedBytes(command)).world };
}

/** Names that a process may take: it proposes anew only after somebody's command took the slot. */
const namesMax = ({ programs }: Setting): number =>
  programs.reduce((sum, { ops }) => sum + ops.length, 2);

/** Follows a process until it waits for the store, or its program has ended. */
function follow(setting: Setting, state: State, i: number, first: Move<Finished>): State {
  let move = first;
  for (let steps = 0; steps < idleStepsMax; steps += 1) {
    if (move.kind === 'end') return afterOp(setting, state, i, move.result);
    const { work, requests } = move;
    let pending: readonly Pending[] = [];
    for (const request of requests) {
      const [world, reply] = immediate(setting, state, i, request);
      const names = processOf(state, i).names + (request.kind === 'new-names' ? 1 : 0);
      demand(names <= namesMax(setting), 'never stuck', `process=${i + 1} proposes for ever`);
      state = withProcess({ ...state, world }, i, { names });
      pending = [...pending, reply === undefined ? { request } : { request, reply }];
    }
    state = withProcess(state, i, { work, pending });
    if (pending.some(({ reply }) => reply === undefined)) return state;
    const { expired } = processOf(state, i);
    move = work.step(repliesOf(pending), expired);
  }
  throw new Violation('never stuck', 'a machine spins without asking the store');
}

/** Requests whose moment changes nothing for others are answered at once. */
function immediate(
  setting: Setting,
  { world, processes }: State,
  i: number,
  request: SimRequest,
): readonly [World, SimReply | undefined] {
  switch (request.kind) {
    case 'wait':
      return [world, { kind: 'wait', outcome: done(undefined) }];
    case 'new-names': {
      const epoch = Math.max(world.stage, request.floor);
      const name = `${processes[i]?.name}n${processes[i]?.names}`;
      const names: NewNames = { id: commandId(name), epoch, object: `${epoch}/${name}` };
      return [world, { kind: 'new-names', outcome: done(names) }];
    }
    case 'put-hint': {
      const executed = execute(world, request, setting.scenario.config);
      return [executed.world, executed.reply];
    }
    default:
      return [world, undefined];
  }
}

const repliesOf = (pending: readonly Pending[]): readonly SimReply[] =>
  pending.flatMap(({ reply }) => (reply === undefined ? [] : [reply]));

function afterOp(setting: Setting, state: State, i: number, finished: Finished): State {
  const process = processOf(state, i);
  const { told, sight, restage } = finished;
  const promises = checkTold(setting.checks, state.world, process, told, state.promises);
  const next = withProcess({ ...state, promises }, i, { sight, work: undefined, pending: [] });
  if (restage?.command.kind !== 'data') return nextOp(setting, next, i);
  const again = staged(restage.command, Math.max(restage.floor, state.world.stage));
  const op = opOf(setting, next, i);
  const options = op?.do === 'append' ? op : {};
  const move = append(processOf(next, i), again, setting.scenario.config, options);
  return follow(setting, upload(next, again), i, move);
}

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

export type Ending = 'execute' | 'answer lost' | 'late' | 'refused' | 'no hint' | 'hint ahead';

/**
 * Process i's pending request `at` ends in this way; when all have ended, its machine steps.
 * Undefined if another ending covers this one.
 */
export function answer(
  setting: Setting,
  state: State,
  i: number,
  at: number,
  ending: Ending,
): State | undefined {
  const { scenario, checks } = setting;
  const process = processOf(state, i);
  const entry = process.pending[at];
  if (entry === undefined) throw new Error(`nothing pending at=${at}`);
  const { request } = entry;
  if (scenario.torn === true && request.kind === 'query-slots' && ending === 'execute') {
    return readOne(setting, state, i, at);
  }
  if (ending === 'execute' || ending === 'answer lost') {
    const { world, reply } = execute(state.world, request, scenario.config);
    // What had no effect and was not answered is the same as what was lost on its way.
    if (ending === 'answer lost' && world === state.world) return undefined;
    checkChange(checks, state.world, world, request, state.promises);
    const changed = pruned({ ...state, world }, scenario);
    const said = ending === 'execute' ? reply : unknown(request);
    const paid = ending === 'execute' ? changed : { ...changed, faults: state.faults - 1 };
    return replied(setting, paid, i, at, said);
  }
  if (request.kind === 'get-hint' && (ending === 'no hint' || ending === 'hint ahead')) {
    const value = ending === 'no hint' ? undefined : (state.world.hint ?? 0) + 1;
    return replied(setting, state, i, at, { kind: 'get-hint', outcome: done(value) });
  }
  const paid = { ...state, faults: state.faults - 1 };
  if (ending === 'refused') {
    const outcome = { kind: 'unavailable', cause: 'explorer' } as const;
    return replied(setting, paid, i, at, { kind: request.kind, outcome } as SimReply);
  }
  const late = pruned({ ...paid, late: [...state.late, request] }, scenario);
  return replied(setting, late, i, at, unknown(request));
}

const unknown = ({ kind }: SimRequest): SimReply =>
  ({ kind, outcome: { kind: 'indeterminate', cause: 'explorer' } }) as SimReply;

/** One position of a query that is not a snapshot. */
function readOne(setting: Setting, state: State, i: number, at: number): State {
  const process = processOf(state, i);
  const { request, partial } = process.pending[at] as Pending;
  if (request.kind !== 'query-slots') throw new Error('only slots are queried');
  const next = partial?.next ?? request.from;
  const slot = state.world.ring[next];
  const read = [...(partial?.read ?? []), ...(slot === undefined ? [] : [slot])];
  if (next === request.to) {
    const outcome = done(read);
    return replied(setting, state, i, at, { kind: 'query-slots', outcome } as SimReply);
  }
  const pending = process.pending.with(at, { request, partial: { read, next: next + 1 } });
  return withProcess(state, i, { pending });
}

function replied(setting: Setting, state: State, i: number, at: number, reply: SimReply): State {
  const process = processOf(state, i);
  const entry = process.pending[at] as Pending;
  const pending = process.pending.with(at, { request: entry.request, reply });
  const next = withProcess(state, i, { pending });
  const isWaiting = pending.some((one) => one.reply === undefined);
  if (isWaiting || process.work === undefined) return next;
  return follow(setting, next, i, process.work.step(repliesOf(pending), process.expired));
}

/** A late request lands. Undefined if it changes nothing: not landing covers that. */
export function land(setting: Setting, state: State, at: number): State | undefined {
  const { scenario, checks } = setting;
  const request = state.late[at];
  if (request === undefined) throw new Error(`nothing late at=${at}`);
  const { world } = execute(state.world, request, scenario.config);
  if (world === state.world) return undefined;
  checkChange(checks, state.world, world, request, state.promises);
  return pruned({ ...state, world, late: state.late.toSpliced(at, 1) }, scenario);
}

/** Forgets late requests whose condition can never hold again. */
function pruned(state: State, { config }: Scenario): State {
  const { history } = state.world;
  const alive = state.late.filter((request) => {
    if (request.kind === 'put-slot') return history[request.slot.seq] === undefined;
    if (request.kind !== 'append') return true;
    const slot = history[request.seq]?.slot;
    const there = state.world.ring[request.seq % config.ringSlots];
    return slot === undefined || (!isFull(slot) && there === slot);
  });
  return alive.length === state.late.length ? state : { ...state, late: alive };
}

export function expire(state: State, i: number): State {
  return withProcess(state, i, { expired: true, mayExpire: false });
}

/** A process vanishes; what it asked for may still land. */
export function die(setting: Setting, state: State, i: number): State {
  const process = processOf(state, i);
  const open = process.pending.filter(({ reply }) => reply === undefined);
  const writes = open.map(({ request }) => request).filter(({ kind }) => isWrite(kind));
  const gone = withProcess(state, i, { work: undefined, pending: [], at: Infinity, ...ended });
  return pruned({ ...gone, late: [...state.late, ...writes] }, setting.scenario);
}

export const isWrite = (kind: SimRequest['kind']): boolean =>
  ['append', 'put-slot', 'put-producer', 'put-group', 'put-object'].includes(kind);
