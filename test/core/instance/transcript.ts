import { changeInstance, refused } from '../../../lib/core/instance/change.ts';
import type {
  Decision,
  InstanceReply,
  InstanceRequest,
} from '../../../lib/core/instance/change.ts';
import { readConfig } from '../../../lib/core/instance/config.ts';
import {
  assign,
  close,
  create,
  left,
  numbered,
  present,
  seek,
  subscribe,
  unsubscribe,
} from '../../../lib/core/instance/decide.ts';
import type { Instance, NamedPartition, Position } from '../../../lib/core/instance/instance.ts';
import {
  autoCommitOf,
  beginPoll,
  commitNumberOf,
  finishPoll,
  isChanged,
  isToBeTouched,
  rejoining,
  toFetch,
  uncommitted,
  withGrants,
  withOffsets,
  withReset,
} from '../../../lib/core/instance/poll.ts';
import type { OffsetOf } from '../../../lib/core/instance/poll.ts';
import { done } from '../../../lib/ports/outcome.ts';

/**
 * A transcript is what clients ask of one instance, and what became of its item. A line that begins
 * with `> ` is a call: a verb, words, then `key=value`; partitions are `t/0`. `grants=t/0@1:5` is what
 * a heartbeat says that it owns, granted in epoch 1, with offset 5 committed; `log=t/0:9` is how far
 * the log goes; `room=n` how many records fit into an answer. What is indented was told: the answer,
 * the table calls, and the item if it changed.
 */
export function runTranscript(text: string): string {
  const output: string[] = [];
  const table = new OneInstance();
  for (const line of text.split('\n')) {
    if (!line.startsWith('  ')) output.push(line);
    if (line.startsWith('> ')) output.push(...table.take(line.slice(2)).map((one) => `  ${one}`));
  }
  return output.join('\n');
}

type Options = Readonly<Record<string, string>>;

const partitionIn = (text: string): NamedPartition => {
  const [topic = '', partition] = text.split('/');
  return { topic, partition: Number(partition) };
};

const list = (text: string | undefined): readonly string[] => (text ? text.split(',') : []);

class OneInstance {
  #item: Instance | undefined;
  #nowMs = 0;
  #puts = 0;
  #calls: string[] = [];
  /** What another call does between the read and the put of this one. */
  #between: (() => void) | undefined;
  #lostReply = false;

  take(line: string): string[] {
    const all = line.split(' ');
    const options = Object.fromEntries(
      all.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]),
    );
    const before = this.#item;
    this.#calls = [];
    this.#lostReply = 'lost' in options;
    const told = this.#do(
      all.filter((word) => !word.includes('=')),
      options,
    );
    const calls = this.#calls.length === 0 ? [] : [`calls: ${this.#calls.join(', ')}`];
    const changed = before?.version === this.#item?.version ? [] : [itemText(this.#item)];
    return [...told, ...calls, ...changed];
  }

  #do([verb = '', name = '']: readonly string[], options: Options): string[] {
    const partitions = list(options['of']).map((one) => partitionIn(one));
    switch (verb) {
      case 'time':
        this.#nowMs = Number(name);
        return [];
      case 'create':
        return this.#create(options);
      case 'subscribe':
        return this.#change((one) => {
          const { pattern } = options;
          const reads =
            pattern === undefined
              ? ({ kind: 'topics', topics: list(options['to']) } as const)
              : ({ kind: 'pattern', pattern } as const);
          return subscribe(one, reads, 'm1');
        });
      case 'unsubscribe':
        return this.#change(unsubscribe);
      case 'left':
        return this.#change((one) => left(one, one.member?.id ?? ''));
      case 'assign':
        return this.#change((one) => assign(one, partitions));
      case 'seek':
        return this.#change((one) => seek(one, offsetsIn(options['to'])));
      case 'commit':
        return this.#commit(options);
      case 'poll':
        return this.#poll(options);
      case 'evicted':
        return this.#change((one) => ({
          kind: 'put',
          instance: rejoining(one, 'm2'),
          told: undefined,
        }));
      case 'close':
        return this.#run((found) => (found === undefined ? absent() : close(found)));
      case 'delete':
        return this.#run(() => ({ kind: 'delete', told: undefined }));
      case 'meanwhile':
        // What follows it is done by the next call, after its read.
        return this.#meanwhile(options);
      default:
        throw new Error(`unknown verb=${verb}`);
    }
  }

  #create(options: Options): string[] {
    const read = readConfig(options);
    if (read.kind === 'malformed') return [`bad-config: ${read.message}`];
    const names = { group: 'g', name: 'i' };
    return this.#run((found) => create(found, names, read.config, this.#nowMs));
  }

  #meanwhile(options: Options): string[] {
    this.#between = () => {
      if (this.#item === undefined) return;
      const { version } = this.#item;
      this.#item = { ...this.#item, version: version + 1, by: 'another', pollId: 100 };
      if ('gone' in options) this.#item = undefined;
    };
    return [];
  }

  #change(decide: (instance: Instance) => Decision<undefined>): string[] {
    return this.#run((found) => {
      const there = present(found, 'i');
      return there.kind === 'refused' ? there : decide(there.instance);
    });
  }

  #run(decide: (found: Instance | undefined) => Decision<undefined>): string[] {
    const machine = changeInstance<undefined>();
    this.#puts += 1;
    const by = `p${this.#puts}`;
    const input = { group: 'g', name: 'i', decide, by, nowMs: this.#nowMs, firstVersion: 1_000 };
    let step = machine.start(input);
    while (step.kind === 'ask') {
      step = machine.step(
        step.state,
        step.requests.map((one) => this.#perform(one)),
        false,
      );
    }
    const { result } = step;
    if (result.kind === 'refused') return [`${result.refusal.reason}: ${result.refusal.message}`];
    return result.kind === 'told' ? [] : [result.kind];
  }

  #perform(request: InstanceRequest): InstanceReply {
    this.#calls.push(request.kind.replace('-instance', ''));
    if (request.kind === 'wait') return { kind: 'wait', outcome: done(undefined) };
    if (request.kind === 'get-instance') {
      const outcome = done(this.#item);
      this.#between?.();
      this.#between = undefined;
      return { kind: request.kind, outcome };
    }
    const { kind } = request;
    if (this.#item?.version !== request.over) {
      return { kind, outcome: { kind: 'condition-failed', item: this.#item } };
    }
    this.#item = request.kind === 'put-instance' ? request.instance : undefined;
    if (!this.#lostReply) return { kind, outcome: done(undefined) };
    this.#lostReply = false;
    return { kind, outcome: { kind: 'indeterminate', cause: 'no reply' } };
  }

  #commit(options: Options): string[] {
    const named = options['offsets'];
    if (named !== undefined) {
      const told = this.#change(numbered);
      const number = this.#item === undefined ? 0 : commitNumberOf(this.#item, 'caller');
      return told.length > 0 ? told : [`commits ${named} as number ${number}`];
    }
    const { partitions = [] } = this.#item ?? {};
    const number = this.#item === undefined ? 0 : commitNumberOf(this.#item, 'version');
    return [`commits ${offsetsText(uncommitted(partitions))} as number ${number}`];
  }

  #poll(options: Options): string[] {
    const found = this.#item;
    const there = present(found, 'i');
    if (there.kind === 'refused') return [`${there.refusal.reason}: ${there.refusal.message}`];
    const ack = options['ack'] === undefined ? undefined : Number(options['ack']);
    const begun = beginPoll(there.instance, ack);
    if (begun.kind === 'refused') return [`${begun.refusal.reason}: ${begun.refusal.message}`];
    const told: string[] = [];
    const due = autoCommitOf(begun.instance, this.#nowMs);
    if (due.length > 0) told.push(`commits ${offsetsText(due)} by itself`);
    let instance = this.#placed(begun.instance, options, told);
    if (due.length > 0) instance = { ...instance, autoCommitMs: this.#nowMs };
    instance = withReset(
      instance,
      list(options['beyond']).map((one) => partitionIn(one)),
    );
    const wanted = toFetch(instance, begun.repeats);
    if ('kind' in wanted) return [...told, `${wanted.refusal.reason}: ${wanted.refusal.message}`];
    const { records, taken } = answerOf(wanted, options);
    told.push(`${begun.repeats ? 'returns again' : 'returns'} ${records}`);
    const next = begun.repeats ? instance : finishPoll(instance, taken, ack !== undefined);
    if (ack !== undefined) told.push(`poll ${next.pollId}`);
    if (!isChanged(there.instance, next) && !isToBeTouched(there.instance, this.#nowMs))
      return told;
    const put = this.#run((standing) =>
      standing?.version === there.instance.version
        ? { kind: 'put', instance: next, told: undefined }
        : refused('illegal-state', 'another call was faster: begins again'),
    );
    return put.length > 0 ? put : told;
  }

  #placed(instance: Instance, options: Options, told: string[]): Instance {
    const grants = list(options['grants']).map((text) => {
      const [, name = '', epoch, committed] = /^([^@:]+)(?:@(\d+))?(?::(\d+))?$/.exec(text) ?? [];
      const of = { ...partitionIn(name), grantedIn: Number(epoch ?? 0) };
      return committed === undefined ? of : { ...of, committed: { offset: BigInt(committed) } };
    });
    if (instance.reads.kind === 'assigned') return withOffsets(instance, grants);
    const granted = withGrants(instance, Number(options['epoch'] ?? 1), grants);
    if (granted.revoked.length > 0)
      told.push(`gives up ${granted.revoked.map(nameText).join(' ')}`);
    return granted.instance;
  }
}

const absent = () => refused('no-instance', 'nothing there');

/** Records `t/0:3` say a partition and an offset; one log after the other, as far as there is room. */
function answerOf(
  wanted: Exclude<ReturnType<typeof toFetch>, { kind: 'refused' }>,
  options: Options,
) {
  const ends = new Map(
    offsetsIn(options['log']).map((one) => [nameText(one), one.offset] as const),
  );
  let room = Number(options['room'] ?? 100);
  const records: string[] = [];
  const taken = wanted.map(({ topic, partition, offset, before }) => {
    const name = nameText({ topic, partition });
    const end = ends.get(name) ?? 0n;
    const starts = { beginning: 0n, end };
    const from = typeof offset === 'bigint' ? offset : starts[offset];
    let next = from;
    while (next < (before ?? end) && room > 0) {
      records.push(`${name}:${next}`);
      next += 1n;
      room -= 1;
    }
    return { topic, partition, from, next, hasRecords: next > from };
  });
  return { records: records.join(' ') || 'nothing', taken };
}

const offsetsIn = (text: string | undefined): readonly OffsetOf[] =>
  list(text).map((one) => {
    const [name = '', offset = '0'] = one.split(':');
    return { ...partitionIn(name), offset: BigInt(offset) };
  });

const nameText = ({ topic, partition }: NamedPartition): string => `${topic}/${partition}`;
const offsetsText = (offsets: readonly OffsetOf[]): string =>
  offsets.map((one) => `${nameText(one)}:${one.offset}`).join(' ') || 'nothing';

function positionText(position: Position): string {
  const { grantedIn, next, committed, unacknowledged } = position;
  const words = [
    `${nameText(position)}${grantedIn === 0 ? '' : `@${grantedIn}`}`,
    `next=${next}`,
    ...(committed === undefined ? [] : [`committed=${committed}`]),
    ...(unacknowledged === undefined ? [] : [`unacknowledged=${unacknowledged}`]),
  ];
  return `[${words.join(' ')}]`;
}

function itemText(instance: Instance | undefined): string {
  if (instance === undefined) return 'I#i: gone';
  const { reads, member, partitions, version, turn, pollId, closing } = instance;
  const what =
    reads.kind === 'topics'
      ? `reads ${reads.topics.join()}`
      : reads.kind === 'pattern'
        ? `reads ${reads.pattern}`
        : `${reads.kind} to read`;
  const words = [
    `version ${version}`,
    reads.kind === 'assigned' ? 'reads what it was told' : what,
    ...(member === undefined ? [] : [`member ${member.id} epoch ${member.epoch}`]),
    ...(turn === 0 ? [] : [`turn ${turn}`]),
    ...(pollId === 0 ? [] : [`poll ${pollId}`]),
    ...(closing ? ['closing'] : []),
    ...partitions.map(positionText),
  ];
  return `I#i: ${words.join(' ')}`;
}
