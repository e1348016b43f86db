import { appendMachine } from '../../../lib/core/log/append-machine.ts';
import type { AppendInput, AppendResult, Sight } from '../../../lib/core/log/append-state.ts';
import type { Command } from '../../../lib/core/log/command.ts';
import type { LogConfig } from '../../../lib/core/log/config.ts';
import { genesis } from '../../../lib/core/log/head.ts';
import type { LogReply, LogRequest } from '../../../lib/core/log/requests.ts';
import type { Replayed } from '../../../lib/core/log/slot.ts';
import type { Machine } from '../../../lib/core/machine.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { commandId } from '../../../lib/std/brands.ts';
import { emptyWorld, execute } from '../../sim/explorer/world.ts';
import { log } from '../../sim/explorer/commands.ts';
import { data, run } from './build.ts';

export type Disturbed =
  /** Nothing happens. */
  | 'throttled'
  | 'unavailable'
  /** It happens, and the answer is lost. */
  | 'answer lost'
  /** It is lost, or on its way. */
  | 'lost'
  | undefined;

export interface Course {
  /** Whether something goes wrong with this call; `n` counts the calls from 0. */
  readonly disturb?: (asked: string, n: number) => Disturbed;
  /** Told to the machine with the replies to its n-th step, from 0, and with all after. */
  readonly expiredFrom?: number;
  /** What others do before the n-th call. */
  readonly meanwhile?: (n: number) => void;
}

const callsMax = 500;

/** One partition in a store that answers honestly, and machines that run on it one at a time. */
export class OneLog {
  readonly config: LogConfig;
  world;
  #names = 0;
  #ids = 0;

  constructor(config: LogConfig) {
    this.config = config;
    this.world = emptyWorld(config);
  }

  /** Runs a machine to its end: its result, and in words what it asked for. */
  run<Input, State, Result>(
    machine: Machine<Input, State, LogRequest, LogReply, Result>,
    input: Input,
    course: Course = {},
  ): { readonly result: Result; readonly asked: readonly string[] } {
    const asked: string[] = [];
    let step = machine.start(input);
    for (let i = 0; step.kind === 'ask'; i += 1) {
      const replies = step.requests.map((request) => {
        const text = requestText(request);
        course.meanwhile?.(asked.length);
        asked.push(text);
        return this.#answer(request, course.disturb?.(text, asked.length - 1));
      });
      if (asked.length > callsMax) throw new Error(`no end: ${asked.slice(-6).join(', ')}`);
      step = machine.step(step.state, replies, i >= (course.expiredFrom ?? Infinity));
    }
    return { result: step.result, asked };
  }

  append(
    command: Command,
    more: Partial<AppendInput> = {},
    course?: Course,
  ): { readonly result: AppendResult; readonly asked: readonly string[] } {
    const { config } = this;
    const base = { log, config, prefix: 'own', sight: undefined, expiredBefore: 0n };
    return this.run(appendMachine, { ...base, command, ...more }, course);
  }

  /** A command of a process whose ids begin with `prefix`. */
  command(prefix = 'other'): ReturnType<typeof data> {
    this.#ids += 1;
    return data([run()], { id: commandId(`${prefix}${this.#ids}`) });
  }

  /** Commits so many commands, one after the other, as one process that remembers what it saw. */
  fill(count: number, prefix = 'other'): Sight {
    let sight: Sight | undefined;
    for (let i = 0; i < count; i += 1) {
      const { result } = this.append(this.command(prefix), {
        prefix,
        ...(sight === undefined ? {} : { sight }),
      });
      if (result.kind !== 'decided') throw new Error(`not committed: ${result.kind}`);
      ({ sight } = result);
    }
    if (sight === undefined) throw new Error('nothing was committed');
    return sight;
  }

  /** Begins the log with a full slot of these commands. */
  begin(commands: readonly Command[]): void {
    const slot = { seq: 0, snapshot: genesis, commands, bytes: 10 * commands.length, limit: 0 };
    const request = { kind: 'put-slot', log, slot, over: undefined } as const;
    this.world = execute(this.world, request, this.config).world;
  }

  /** Slot n as it is now, or was last. */
  slot(seq: number): Replayed {
    const replayed = this.world.history[seq];
    if (replayed === undefined) throw new Error(`no slot ${seq}`);
    return replayed;
  }

  get newest(): Replayed {
    return this.slot(this.world.history.length - 1);
  }

  /** Puts stubs where slots lie, as the end of a deletion does. */
  purge(): void {
    const ring = this.world.ring.map((slot) => (slot === undefined ? slot : ('stub' as const)));
    this.world = { ...this.world, ring };
  }

  #answer(request: LogRequest, disturbed: Disturbed): LogReply {
    if (request.kind === 'wait') return { kind: 'wait', outcome: done(undefined) };
    if (disturbed === undefined) return this.#execute(request);
    if (disturbed === 'answer lost') this.#execute(request);
    const failed = { throttled: 'throttled', unavailable: 'unavailable' } as const;
    const outcome =
      disturbed in failed
        ? { kind: disturbed, cause: 'test' }
        : { kind: 'indeterminate', cause: 'test' };
    return { kind: request.kind, outcome } as LogReply;
  }

  #execute(request: LogRequest): LogReply {
    if (request.kind === 'new-names') {
      this.#names += 1;
      const epoch = Math.max(this.world.stage, request.floor);
      const names = {
        id: commandId(`spill${this.#names}`),
        epoch,
        object: `${epoch}/o${this.#names}`,
      };
      return { kind: 'new-names', outcome: done(names) };
    }
    const { world, reply } = execute(this.world, request, this.config);
    this.world = world;
    return reply as LogReply;
  }
}

/** A request in a few words: its kind, and what tells it from others of its kind. */
function requestText(request: LogRequest): string {
  switch (request.kind) {
    case 'get-hint':
      return 'hint';
    case 'put-hint':
      return `put hint ${request.seq}`;
    case 'get-slot':
      return `position ${request.position}`;
    case 'query-slots':
      return `positions ${request.from}–${request.to}`;
    case 'append':
      return `append to ${request.seq}`;
    case 'put-slot': {
      const { slot, over } = request;
      const kinds = slot.commands.map(({ kind }) => kind).join('+');
      return `put ${slot.seq} (${kinds}) over ${over ?? 'nothing'}`;
    }
    case 'get-producer':
      return `producer ${request.producerId}`;
    case 'put-producer':
      return `put producer ${request.state.producerId} for ${request.seq}`;
    case 'get-group':
      return `group at ${request.at.offset}`;
    case 'query-groups':
      return `groups ${request.from.offset}–${request.before.offset}`;
    case 'put-group':
      return `put group ${request.group.from.seq}–${request.group.to.seq}`;
    case 'put-object':
      return `put object ${request.key}`;
    case 'new-names':
      return `names from ${request.floor}`;
    case 'wait':
      return `wait ${request.ms}`;
  }
}
