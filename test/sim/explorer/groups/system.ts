import { entryOf, partitionName } from '../../../../lib/core/group/group.ts';
import type { Ownership } from '../../../../lib/core/group/group.ts';
import { Interner } from '../intern.ts';
import type { System } from '../search.ts';
import { demand } from '../violation.ts';
import { accepting, checkChange, checkRefused, effective, standing } from './check.ts';
import type { Promises } from './check.ts';
import { theOnly } from './names.ts';
import { describe } from './print.ts';
import { afterBeat, afterJoin, beat, commit, fetch, join, newClient, startOp } from './process.ts';
import type { Client, Move, Op, Told, Work } from './process.ts';
import { emptyWorld, execute, targetOwner } from './world.ts';
import type { SimReply, SimRequest, World } from './world.ts';

export interface GroupProgram {
  /** Of the member that it is; others are movers, and have none. */
  readonly memberId: string;
  readonly ops: readonly Op[];
  /** Its time may be up once, at any moment. */
  readonly mayExpire?: boolean;
  /** It may vanish at any moment, with its requests under way. */
  readonly mayDie?: boolean;
}

/** A small group to be explored through and through. */
export interface GroupScenario {
  readonly name: string;
  readonly about: string;
  /** Run one after the other, alone and without faults, before everything else. */
  readonly before: readonly { readonly process: number; readonly ops: readonly Op[] }[];
  readonly processes: readonly GroupProgram[];
  /** Writes that may go wrong: answer lost, or late. */
  readonly faults: number;
  /** Calls that may go wrong; all writes by default. */
  readonly faulty?: readonly SimRequest['kind'][];
  readonly statesMax?: number;
}

interface Pending {
  readonly request: SimRequest;
  readonly reply?: SimReply;
}

interface Process {
  readonly memberId: string;
  readonly at: number;
  readonly work: Work | undefined;
  readonly pending: readonly Pending[];
  readonly client: Client;
  readonly expired: boolean;
  readonly mayExpire: boolean;
  readonly mayDie: boolean;
  /** Commits that the operation under way has made. */
  readonly commits: number;
  /** What a fetch that begins with the operation must not fall behind. */
  readonly least: number;
  /** Name of the commit that stood when the operation began. */
  readonly stood: string | undefined;
}

export interface State {
  readonly world: World;
  readonly processes: readonly Process[];
  /** Writes that were not answered, and may land. */
  readonly late: readonly SimRequest[];
  readonly faults: number;
  readonly promises: Promises;
}

type Ending = 'execute' | 'answer lost' | 'late';
export type Choice =
  | {
      readonly kind: 'answer';
      readonly process: number;
      readonly at: number;
      readonly ending: Ending;
    }
  | { readonly kind: 'land'; readonly at: number }
  | { readonly kind: 'expire' | 'die'; readonly process: number };

export function groupSystem(scenario: GroupScenario): System<State, Choice> {
  const interner = new Interner(['sinceMs', 'group']);
  return {
    name: scenario.name,
    about: scenario.about,
    statesMax: scenario.statesMax ?? 400_000,
    keyOf: (state) => {
      const late = state.late.map((request) => interner.number(request));
      return interner.number({ ...state, late: late.toSorted((a, b) => a - b) });
    },
    initial: () => initial(scenario),
    choicesOf: (state) => choicesOf(scenario, state),
    take: (state, choice) => take(scenario, state, choice),
    hasEnded: (state) => state.processes.every((_, i) => isAtRest(scenario, state, i)),
    describe,
  };
}

const isWrite = ({ kind }: SimRequest): boolean =>
  kind === 'join' || (/^(put|delete)-/.test(kind) && !isAside(kind));
/** Of these nobody else notices when they happen: their ids are new, or nobody's any more. */
const isAside = (kind: SimRequest['kind']): boolean =>
  kind === 'put-target' || kind === 'delete-target';

function choicesOf(scenario: GroupScenario, state: State): readonly Choice[] {
  const choices: Choice[] = [];
  for (const [i, process] of state.processes.entries()) {
    for (const [at, { request, reply }] of process.pending.entries()) {
      if (reply !== undefined) continue;
      choices.push({ kind: 'answer', process: i, at, ending: 'execute' });
      const isFaulty = scenario.faulty?.includes(request.kind) ?? true;
      if (state.faults === 0 || !isFaulty || !isWrite(request)) continue;
      choices.push({ kind: 'answer', process: i, at, ending: 'answer lost' });
      choices.push({ kind: 'answer', process: i, at, ending: 'late' });
    }
    if (process.work === undefined) continue;
    if (process.mayExpire) choices.push({ kind: 'expire', process: i });
    if (process.mayDie) choices.push({ kind: 'die', process: i });
  }
  return [...choices, ...state.late.map((_, at): Choice => ({ kind: 'land', at }))];
}

function processOf(state: State, i: number): Process {
  const process = state.processes[i];
  if (process === undefined) throw new Error(`no process at=${i}`);
  return process;
}

const withProcess = (state: State, i: number, change: Partial<Process>): State => ({
  ...state,
  processes: state.processes.with(i, { ...processOf(state, i), ...change }),
});

function initial(scenario: GroupScenario): State {
  const processes = scenario.processes.map(({ memberId }): Process => ({
    memberId,
    at: 0,
    work: undefined,
    pending: [],
    client: newClient,
    expired: false,
    mayExpire: false,
    mayDie: false,
    commits: 0,
    least: -1,
    stood: undefined,
  }));
  const all = scenario.processes.flatMap(({ ops }) => ops);
  const mayDelete = all.some((op) => op.do === 'delete group');
  const promises: Promises = { acknowledged: -1, made: [], never: [], mayDelete };
  let state: State = { world: emptyWorld, processes, late: [], faults: 0, promises };
  for (const { process, ops } of scenario.before) {
    const alone = { ...scenario, processes: scenario.processes.map(() => ({ memberId: '', ops })) };
    state = startAt(alone, withProcess(state, process, { at: 0 }), process);
    for (let left = 1_000; processOf(state, process).work !== undefined; left -= 1) {
      if (left === 0) throw new Error(`what comes before does not end in ${scenario.name}`);
      const { pending } = processOf(state, process);
      const at = pending.findIndex(({ reply }) => reply === undefined);
      state = answer(alone, state, process, at, 'execute') ?? state;
    }
  }
  for (const [i, { mayExpire = false, mayDie = false }] of scenario.processes.entries()) {
    state = withProcess(state, i, { at: 0, mayExpire, mayDie });
  }
  state = { ...state, faults: scenario.faults };
  for (const i of scenario.processes.keys()) state = startAt(scenario, state, i);
  return state;
}

/** Begins the operation at hand, or has ended. */
function startAt(scenario: GroupScenario, state: State, i: number): State {
  const { at, memberId, client } = processOf(state, i);
  const op = scenario.processes[i]?.ops[at];
  if (op === undefined) {
    const none = { work: undefined, pending: [], mayExpire: false, mayDie: false };
    return withProcess(state, i, { ...none, at: Infinity });
  }
  const least = Math.max(effective(state.world), state.promises.acknowledged);
  const stood = standing(state.world)?.metadata;
  const next = withProcess(state, i, { commits: 0, least, stood });
  return follow(scenario, next, i, startOp(op, memberId, client, `p${i}.${at}.`));
}

function follow(scenario: GroupScenario, state: State, i: number, move: Move): State {
  if (move.kind === 'end') return afterTold(scenario, state, i, move.told);
  let { world } = state;
  const pending = move.requests.map((request): Pending => {
    if (request.kind !== 'wait' && !isAside(request.kind)) return { request };
    const executed = execute(world, request);
    ({ world } = executed);
    return { request, reply: executed.reply };
  });
  const next = withProcess({ ...state, world }, i, { work: move.work, pending });
  return pending.every(({ reply }) => reply !== undefined) ? advance(scenario, next, i) : next;
}

/** All requests of a step have ended: its machine goes on. */
function advance(scenario: GroupScenario, state: State, i: number): State {
  const { work, pending, expired } = processOf(state, i);
  if (work === undefined) return state;
  const replies = pending.flatMap(({ reply }) => (reply === undefined ? [] : [reply]));
  return follow(scenario, state, i, work.step(replies, expired));
}

function afterTold(scenario: GroupScenario, state: State, i: number, told: Told): State {
  const { client, memberId, least } = processOf(state, i);
  switch (told.kind) {
    case 'joined':
      return ready(scenario, withProcess(state, i, { client: afterJoin(client, told.key) }), i);
    case 'beat': {
      const after = afterBeat(client, told.result);
      if (after === undefined) {
        const lost = withProcess(state, i, { client: { ...newClient, n: client.n } });
        return follow(scenario, lost, i, join(memberId, `p${i}.again${client.epoch}.`));
      }
      const next = withProcess(state, i, { client: after });
      if (!after.works || client.works) return ready(scenario, next, i);
      checkAlone(next, i);
      const starts = withProcess(next, i, { least: effective(state.world) });
      return follow(scenario, starts, i, fetch());
    }
    case 'fetched': {
      const { offset } = told;
      demand(offset === undefined || offset >= least, 'a fetch does not fall behind', `${offset}`);
      const next = (offset ?? -1) + 1;
      return ready(scenario, withProcess(state, i, { client: { ...client, next } }), i);
    }
    case 'committed':
      return ready(scenario, afterCommit(state, i, told), i);
    case 'skipped':
      return ready(scenario, withProcess(state, i, { client: told.client }), i);
    case 'deleted':
      if (told.isEmpty) checkDeleted(state, i);
      return ready(scenario, state, i);
    case 'other':
      return ready(scenario, state, i);
  }
}

/** Who begins to work is the only one who does, among members that are not gone. */
function checkAlone(state: State, i: number): void {
  const others = state.processes.filter(({ client }, at) => {
    const member = client.key && state.world.members.get(client.key);
    return at !== i && client.works && member !== undefined && !member.gone;
  });
  demand(others.length === 0, 'one works', others.map(({ memberId }) => memberId).join());
}

/** What stood when it was to be deleted is gone; a member that joined may have committed since. */
function checkDeleted(state: State, i: number): void {
  const { stood } = processOf(state, i);
  const left = standing(state.world)?.metadata;
  demand(left === undefined || left !== stood, 'deleted is deleted', `left=${left}`);
}

function afterCommit(state: State, i: number, told: Extract<Told, { kind: 'committed' }>): State {
  const { client } = processOf(state, i);
  const { result, offset, name } = told;
  const verdict = result.kind === 'judged' ? result.verdicts[0] : undefined;
  const isTaken = verdict === 'accepted' || verdict === 'overtaken';
  const isUnknown = verdict === 'unknown' || (result.kind === 'expired' && result.sent);
  const after: Client = { ...client, n: client.n + 1, next: isTaken ? offset + 1 : offset };
  const { promises } = state;
  const next = withProcess(state, i, { client: after });
  if (isTaken) {
    const acknowledged = Math.max(promises.acknowledged, offset);
    return { ...next, promises: { ...promises, acknowledged } };
  }
  if (isUnknown) return next;
  const never = [...promises.never, name];
  checkRefused(state.world, never);
  return { ...next, promises: { ...promises, never } };
}

/** The operation goes on, or the next one begins. */
function ready(scenario: GroupScenario, state: State, i: number): State {
  const process = processOf(state, i);
  const { client, at, commits, memberId } = process;
  const op = scenario.processes[i]?.ops[at];
  if (op?.do === 'settle') {
    const isBeaten = process.work?.name === 'beat' || process.work?.name === 'fetch';
    if (isBeaten && client.works && commits < op.commits) {
      const next = withProcess(state, i, { commits: commits + 1 });
      return follow(scenario, next, i, commit(memberId, client));
    }
    return follow(scenario, state, i, beat(memberId, client));
  }
  return startAt(scenario, withProcess(state, i, { at: at + 1 }), i);
}

/** It has ended, or goes on for ever and has what the target gives it, and nothing else. */
function isAtRest(scenario: GroupScenario, { world, processes }: State, i: number): boolean {
  const { at, work, client } = processes[i] as Process;
  if (work === undefined) return true;
  if (scenario.processes[i]?.ops[at]?.do !== 'settle') return false;
  if (client.works !== (targetOwner(world) === client.key)) return false;
  if (client.works) return true;
  // Whoever stopped says so once more. What was granted to it comes to it before others get it; if
  // they never call, that may wait for ever.
  const isWanted = processes.some(
    (one, k) =>
      one.client.key === targetOwner(world) && scenario.processes[k]?.ops[one.at]?.do === 'settle',
  );
  const ownership = world.ownerships.get(partitionName(theOnly));
  const isWaited = isWanted && ownership?.owner === client.key && !hasGivenUp(world, ownership);
  return !isWaited && accepting(world).every(({ member }) => member.key !== client.key);
}

function hasGivenUp({ members }: World, ownership: Ownership | undefined): boolean {
  const member = ownership?.owner === undefined ? undefined : members.get(ownership.owner);
  const entry = member && entryOf(member, theOnly);
  return entry?.released === true && entry.a === ownership?.a;
}

function take(scenario: GroupScenario, state: State, choice: Choice): State | undefined {
  switch (choice.kind) {
    case 'answer':
      return answer(scenario, state, choice.process, choice.at, choice.ending);
    case 'land':
      return land(state, choice.at);
    case 'expire':
      return withProcess(state, choice.process, { expired: true, mayExpire: false });
    case 'die': {
      const open = processOf(state, choice.process).pending.filter(
        ({ reply }) => reply === undefined,
      );
      const writes = open.map(({ request }) => request).filter((request) => isWrite(request));
      const none = { work: undefined, pending: [], mayExpire: false, mayDie: false };
      const dead = withProcess(state, choice.process, { ...none, at: Infinity, client: newClient });
      return pruned({ ...dead, late: [...state.late, ...writes] });
    }
  }
}

/** Undefined if another ending covers this one. */
function answer(
  scenario: GroupScenario,
  state: State,
  i: number,
  at: number,
  ending: Ending,
): State | undefined {
  const { pending } = processOf(state, i);
  const entry = pending[at];
  if (entry === undefined) throw new Error(`nothing pending at=${at}`);
  const { request } = entry;
  const { world, reply } = execute(state.world, request);
  // What would have no effect now is lost, or lands later: the same as late.
  if (ending === 'answer lost' && world === state.world) return undefined;
  const isDone = ending !== 'late';
  const promises = isDone
    ? checkChange(state.world, world, request, state.promises)
    : state.promises;
  const said = ending === 'execute' ? reply : unanswered(request);
  const changed: State = {
    ...state,
    world: isDone ? world : state.world,
    promises,
    late: isDone ? state.late : [...state.late, request],
    faults: state.faults - (ending === 'execute' ? 0 : 1),
  };
  const next = withProcess(pruned(changed), i, {
    pending: pending.with(at, { request, reply: said }),
  });
  const isWaiting = processOf(next, i).pending.some((one) => one.reply === undefined);
  return isWaiting ? next : advance(scenario, next, i);
}

const unanswered = ({ kind }: SimRequest): SimReply =>
  ({ kind, outcome: { kind: 'indeterminate', cause: 'explorer' } }) as SimReply;

/** A late write lands. Undefined if it changes nothing: not landing covers that. */
function land(state: State, at: number): State | undefined {
  const request = state.late[at];
  if (request === undefined) throw new Error(`nothing late at=${at}`);
  const { world } = execute(state.world, request);
  if (world === state.world) return undefined;
  const promises = checkChange(state.world, world, request, state.promises);
  return pruned({ ...state, world, promises, late: state.late.toSpliced(at, 1) });
}

/** Forgets late writes whose condition can never hold again: versions only rise. */
function pruned(state: State): State {
  const { world } = state;
  const alive = state.late.filter((request) => {
    switch (request.kind) {
      case 'put-state':
      case 'join':
        return request.state.epoch > (world.state?.epoch ?? 0);
      case 'put-member':
        return (
          request.member.version > (world.members.get(request.member.key)?.version ?? Infinity)
        );
      default:
        return true;
    }
  });
  return alive.length === state.late.length ? state : { ...state, late: alive };
}
