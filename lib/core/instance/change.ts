import type { ConditionalOutcome, Done, ReadOutcome } from '../../ports/outcome.ts';
import { must } from '../../std/assert.ts';
import { isUnsure, pause } from '../log/requests.ts';
import { ask, end } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { isExpired } from './instance.ts';
import type { Instance } from './instance.ts';

/** Why an instance does not do what it is asked. */
export interface Refusal {
  readonly reason: 'no-instance' | 'name-taken' | 'illegal-state' | 'malformed' | 'out-of-range';
  /** Lower case; what was expected, and what came. */
  readonly message: string;
}

export type Refused = { readonly kind: 'refused'; readonly refusal: Refusal };

export const refused = (reason: Refusal['reason'], message: string): Refused => ({
  kind: 'refused',
  refusal: { reason, message },
});

/** What is to become of an instance, and what its caller is told then. */
export type Decision<T> =
  | { readonly kind: 'keep'; readonly told: T }
  | { readonly kind: 'put'; readonly instance: Instance; readonly told: T }
  | { readonly kind: 'delete'; readonly told: T }
  | Refused;

export type InstanceRequest =
  | { readonly kind: 'get-instance'; readonly group: string; readonly name: string }
  /** Puts it on version `over`, or where nothing lies. */
  | {
      readonly kind: 'put-instance';
      readonly instance: Instance;
      readonly over: number | undefined;
    }
  | {
      readonly kind: 'delete-instance';
      readonly group: string;
      readonly name: string;
      readonly over: number;
    }
  | typeof pause;

export type InstanceReply =
  | { readonly kind: 'get-instance'; readonly outcome: ReadOutcome<Instance | undefined> }
  | {
      readonly kind: 'put-instance' | 'delete-instance';
      readonly outcome: ConditionalOutcome<undefined, Instance>;
    }
  | { readonly kind: 'wait'; readonly outcome: Done<undefined> };

export interface ChangeInput<T> {
  readonly group: string;
  readonly name: string;
  /** As it was read already; absent: it is read. */
  readonly known?: Instance;
  /** Given what stands there and is not expired. Asked again where another call was faster. */
  readonly decide: (found: Instance | undefined) => Decision<T>;
  /** Unique: tells this put from all others. */
  readonly by: string;
  /** By the store's clock. */
  readonly nowMs: number;
  /**
   * Of an instance that is new: any number that no instance of this name has ever had, in all
   * likelihood, below 2^51. Else a put for one that was deleted could land, late, on its successor.
   */
  readonly firstVersion: number;
}

export type ChangeResult<T> =
  /** `instance`: as it stands there now. */
  | { readonly kind: 'told'; readonly told: T; readonly instance: Instance | undefined }
  | Refused
  /** The change was sent; whether it was made, or will be, nobody knows. */
  | { readonly kind: 'unknown' }
  /** Nothing was changed. */
  | { readonly kind: 'expired' };

type Write<T> = Extract<Decision<T>, { kind: 'put' | 'delete' }>;

export interface ChangeState<T> {
  readonly input: ChangeInput<T>;
  /** What is done next, after a pause. */
  readonly next: 'read' | 'write' | 'resolve';
  /** What was read, and is to be written over. */
  readonly found: Instance | undefined;
  readonly write: Write<T> | undefined;
  /** A copy of the write was sent and not answered. */
  readonly unsure: boolean;
}

type ChangeStep<T> = Step<ChangeState<T>, InstanceRequest, ChangeResult<T>>;

/**
 * One change of an instance: reads it, decides, and puts it on the version that was read; who loses
 * a race decides again on what stood in the way. A put that was not answered is looked for by who
 * put it: found out, or sent again on the same version, or told as unknown.
 */
export function changeInstance<T>(): Machine<
  ChangeInput<T>,
  ChangeState<T>,
  InstanceRequest,
  InstanceReply,
  ChangeResult<T>
> {
  return {
    start(input) {
      const found = input.known;
      const state = { input, next: 'read', found, write: undefined, unsure: false } as const;
      return found === undefined ? go(state) : decide(state, found);
    },

    step(state, [reply], expired) {
      if (reply === undefined || reply.kind === 'wait') return go(state);
      if (reply.kind === 'get-instance') {
        const { outcome } = reply;
        if (outcome.kind !== 'done') return again(state, expired);
        return state.next === 'read' ? decide(state, outcome.value) : judge(state, outcome.value);
      }
      const { outcome } = reply;
      if (outcome.kind === 'done') return told(state);
      if (outcome.kind === 'condition-failed') return judge(state, outcome.item);
      if (!isUnsure(outcome)) return again(state, expired);
      const open: ChangeState<T> = { ...state, next: 'resolve', unsure: true };
      return expired ? end({ kind: 'unknown' }) : go(open);
    },
  };
}

function go<T>(state: ChangeState<T>): ChangeStep<T> {
  const { group, name } = state.input;
  if (state.next !== 'write') return ask(state, { kind: 'get-instance', group, name });
  const write = must(state.write, 'a write');
  const over = state.found?.version;
  if (write.kind === 'put') {
    return ask(state, { kind: 'put-instance', instance: write.instance, over });
  }
  return ask(state, { kind: 'delete-instance', group, name, over: must(over, 'a version') });
}

function again<T>(state: ChangeState<T>, expired: boolean): ChangeStep<T> {
  if (!expired) return ask(state, pause);
  return end({ kind: state.unsure ? 'unknown' : 'expired' });
}

function told<T>({ write }: ChangeState<T>): ChangeStep<T> {
  const done = must(write, 'a write');
  const instance = done.kind === 'put' ? done.instance : undefined;
  return end({ kind: 'told', told: done.told, instance });
}

function decide<T>(state: ChangeState<T>, found: Instance | undefined): ChangeStep<T> {
  const { decide: judgement, by, nowMs, firstVersion } = state.input;
  const alive = found === undefined || isExpired(found, nowMs) ? undefined : found;
  const decision = judgement(alive);
  if (decision.kind === 'refused') return end(decision);
  if (decision.kind === 'keep') return end({ kind: 'told', told: decision.told, instance: alive });
  const version = found === undefined ? firstVersion : found.version + 1;
  const write: Write<T> =
    decision.kind === 'delete'
      ? decision
      : { ...decision, instance: { ...decision.instance, by, touchedMs: nowMs, version } };
  return go({ ...state, next: 'write', found, write, unsure: false });
}

/** What stands there instead of what was expected, or after a write that was not answered. */
function judge<T>(state: ChangeState<T>, standing: Instance | undefined): ChangeStep<T> {
  const write = must(state.write, 'a write');
  const { found, unsure } = state;
  if (write.kind === 'delete') {
    if (standing === undefined) return told(state);
    const isSame = standing.version === found?.version;
    return isSame ? go({ ...state, next: 'write' }) : decide(state, standing);
  }
  const { by, version } = write.instance;
  if (standing?.version === version && standing.by === by) return told(state);
  if (!unsure) return decide(state, standing);
  // The copy may still be on its way: sent again, the two are one.
  if (standing?.version === found?.version) return go({ ...state, next: 'write' });
  // Of one version there is one put: ours never lands.
  if (standing?.version === version) return decide(state, standing);
  return end({ kind: 'unknown' });
}
