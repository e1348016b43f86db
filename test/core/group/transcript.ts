import { commitUnowned } from '../../../lib/core/group/commit-unowned.ts';
import { commitOffsets } from '../../../lib/core/group/commit.ts';
import { deleteGroup } from '../../../lib/core/group/delete-group.ts';
import { fetchOffsets } from '../../../lib/core/group/fetch-offsets.ts';
import { byPartition, memberName } from '../../../lib/core/group/group.ts';
import type { Committed, Member, Ownership, TopicView } from '../../../lib/core/group/group.ts';
import { heartbeat } from '../../../lib/core/group/heartbeat.ts';
import { joinGroup } from '../../../lib/core/group/join.ts';
import { leaveGroup } from '../../../lib/core/group/leave.ts';
import { lookAround } from '../../../lib/core/group/look-around.ts';
import { subscribedNames } from '../../../lib/core/group/subscription.ts';
import type { Machine } from '../../../lib/core/machine.ts';
import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import { emptyWorld } from '../../sim/explorer/groups/world.ts';
import type { SimRequest, World } from '../../sim/explorer/groups/world.ts';
import { at, committed, topic } from './build.ts';
import { runOn } from './run.ts';

/**
 * A transcript is what members do, one after the other, and what the group's items made of it. A
 * line that begins with `> ` is a call: a verb, names, then `key=value`; partitions are `t/0`.
 * What is indented below it was told: the answer, the table calls, and the items that changed.
 */
export function runTranscript(text: string): string {
  const output: string[] = [];
  const group = new TranscriptGroup();
  for (const line of text.split('\n')) {
    if (!line.startsWith('  ')) output.push(line);
    if (line.startsWith('> ')) output.push(...group.take(line.slice(2)).map((one) => `  ${one}`));
  }
  return output.join('\n');
}

/** What a member's process remembers. */
interface Client {
  readonly epoch: number;
  readonly owned: readonly PartitionKey[];
}

interface Words {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

function wordsOf(line: string): Words {
  const all = line.split(' ');
  const pairs = all.filter((word) => word.includes('=')).map((word) => word.split('='));
  return {
    words: all.filter((word) => !word.includes('=')),
    options: Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value])),
  };
}

const partitionOf = (text: string): PartitionKey => {
  const [name = '', number] = text.split('/');
  return at(Number(number), name);
};
const isPartition = (name: string): boolean => name.includes('/');
const committedText = (one: Committed | undefined): string => String(one?.offset ?? 'none');
const partitionsText = (all: readonly PartitionKey[]): string =>
  all
    .toSorted(byPartition)
    .map(({ topicId, partition }) => `${topicId}/${partition}`)
    .join(' ') || 'nothing';

class TranscriptGroup {
  #world: World = emptyWorld;
  #nowMs = 0;
  #topics: readonly TopicView[] = [];
  #ids = 0;
  #calls: string[] = [];
  readonly #clients = new Map<string, Client>();

  take(line: string): string[] {
    const { words, options } = wordsOf(line);
    const before = this.#world;
    this.#calls = [];
    const told = this.#do(words, options);
    const calls = this.#calls.length === 0 ? [] : [`calls: ${this.#calls.join(', ')}`];
    return [...told, ...calls, ...changes(before, this.#world)];
  }

  #run<Input, State, Request extends SimRequest, Reply, Result>(
    machine: Machine<Input, State, Request, Reply, Result>,
    input: Input,
  ): Result {
    const { result, world, calls } = runOn(this.#world, machine, input);
    this.#world = world;
    this.#calls.push(...calls);
    return result;
  }

  #do([verb = '', name = '']: readonly string[], options: Words['options']): string[] {
    switch (verb) {
      case 'time':
        this.#nowMs = Number(name);
        return [];
      case 'topics':
        this.#topics = Object.entries(options).map(([of, count]) => topic(of, Number(count)));
        return [];
      case 'join':
        return this.#join(name, options);
      case 'beat':
        return this.#beat(name, options);
      case 'commit':
        return this.#commit(name, options);
      case 'leave': {
        const result = this.#run(leaveGroup, { ...this.#identity(name, options), offsets: [] });
        return [result.kind === 'refused' ? result.reason : result.kind];
      }
      case 'look':
        return [wordsFor(this.#run(lookAround, this.#lookInput()))];
      case 'delete':
        return [wordsFor(this.#run(deleteGroup, this.#lookInput()))];
      case 'fetch': {
        const partitions = name.split(',').map((one) => partitionOf(one));
        const result = this.#run(fetchOffsets, { group: 'g', partitions });
        return [
          result.kind === 'fetched' ? result.offsets.map(committedText).join(' ') : 'expired',
        ];
      }
      case 'admin': {
        const commits = offsetsIn(options);
        const input = { group: 'g', commits, needsEmpty: name === 'empty' };
        return [this.#run(commitUnowned, input).join(' ')];
      }
      default:
        throw new Error(`unknown verb=${verb}`);
    }
  }

  #id(): string {
    this.#ids += 1;
    return `id${this.#ids}x`;
  }

  #lookInput() {
    const input = { group: 'g', id: this.#id(), topics: this.#topics, nowMs: this.#nowMs };
    return { ...input, joiner: undefined, trustsClock: true };
  }

  #client(name: string): Client {
    return this.#clients.get(name) ?? { epoch: 0, owned: [] };
  }

  #identity(name: string, options: Words['options']) {
    const epoch = Number(options['epoch'] ?? this.#client(name).epoch);
    return { group: 'g', memberId: name, instanceId: options['instance'], epoch };
  }

  #join(name: string, options: Words['options']): string[] {
    const result = this.#run(joinGroup, {
      group: 'g',
      id: this.#id(),
      topics: this.#topics,
      nowMs: this.#nowMs,
      joiner: {
        group: 'g',
        name: memberName(name, options['instance']),
        memberId: name,
        clientId: '',
        clientHost: '',
        subscription: subscriptionOf(options) ?? subscribedNames([]),
        assignor: undefined,
        sessionMs: 45_000,
        rebalanceMs: 60_000,
        beatMs: this.#nowMs,
      },
    });
    if (result.kind !== 'joined') return [result.kind === 'refused' ? result.reason : result.kind];
    const epoch = Number(result.key.split('@').at(-1));
    this.#clients.set(name, { epoch, owned: [] });
    return [`joined ${result.key}${result.rebalance ? ', to be rebalanced' : ''}`];
  }

  #beat(name: string, options: Words['options']): string[] {
    const { owned } = this.#client(name);
    const given = options['owned'] === undefined ? owned : ownedOf(options['owned']);
    const result = this.#run(heartbeat, {
      ...this.#identity(name, options),
      owned: given,
      offsets: offsetsIn(options).map((one) => ({ ...one, n: undefined })),
      subscription: subscriptionOf(options),
      nowMs: this.#nowMs,
    });
    if (result.kind === 'expired') return ['expired'];
    if (result.kind === 'refused') return [result.reason];
    const { epoch, assigned, verdicts, intervalMs } = result;
    this.#clients.set(name, { epoch, owned: assigned });
    const again = result.rebalance ? ', to be rebalanced' : '';
    const answer = `epoch ${epoch}, owns ${partitionsText(assigned)}, again in ${intervalMs} ms`;
    return [`${answer}${again}`, ...(verdicts.length === 0 ? [] : [verdicts.join(' ')])];
  }

  #commit(name: string, options: Words['options']): string[] {
    const n = options['n'] === undefined ? undefined : Number(options['n']);
    const result = this.#run(commitOffsets, {
      ...this.#identity(name, options),
      commits: offsetsIn(options).map((one) => ({ ...one, n })),
      member: undefined,
      nowMs: this.#nowMs,
    });
    if (result.kind === 'judged') return [result.verdicts.join(' ')];
    return [result.kind === 'refused' ? result.reason : 'expired'];
  }
}

const wordsFor = (result: object): string =>
  Object.entries(result)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

const ownedOf = (text: string): readonly PartitionKey[] =>
  text === 'nothing' ? [] : text.split(',').map((one) => partitionOf(one));

const offsetsIn = (options: Words['options']) =>
  Object.entries(options)
    .filter(([key]) => isPartition(key))
    .map(([key, value]) => ({
      ...partitionOf(key),
      committed: committed(Number(value)),
    }));

function subscriptionOf(options: Words['options']) {
  const { reads, pattern } = options;
  if (pattern !== undefined) return { kind: 'pattern' as const, pattern };
  return reads === undefined ? undefined : subscribedNames(reads.split(','));
}

const memberText = ({ memberId, gone, entries, beatMs, subscription }: Member): string => {
  const reads = subscription.kind === 'names' ? subscription.names.join() : subscription.pattern;
  const list = entries.map((entry) => {
    const { a, n, committed: value, released } = entry;
    const text = `${partitionsText([entry])} a=${a} n=${n} offset=${committedText(value)}`;
    return `[${text}${released ? ' released' : ''}]`;
  });
  const words = [memberId, `reads ${reads}`, `beat ${beatMs}`, ...(gone ? ['gone'] : []), ...list];
  return words.join(' ');
};

const ownershipText = ({ a, owner, committed: value }: Ownership): string =>
  `a=${a} owner=${owner ?? 'none'} offset=${committedText(value)}`;

/** The items in words, by their keys. */
function itemsOf({ state, targets, members, ownerships }: World): ReadonlyMap<string, string> {
  const target = state && targets.get(state.target);
  return new Map([
    ...(state === undefined ? [] : [['STATE', `epoch ${state.epoch}`] as const]),
    ...(target?.members ?? []).map(
      ({ key, partitions }) => [`target ${key}`, partitionsText(partitions)] as const,
    ),
    ...[...members].map(([key, member]) => [`M#${key}`, memberText(member)] as const),
    ...[...ownerships].map(([key, one]) => [`O#${key}`, ownershipText(one)] as const),
  ]);
}

function changes(before: World, after: World): string[] {
  const [old, now] = [itemsOf(before), itemsOf(after)];
  const changed = [...now].filter(([key, value]) => old.get(key) !== value);
  const gone = [...old.keys()].filter((key) => !now.has(key));
  return [
    ...changed.map(([key, value]) => `${key}: ${value}`),
    ...gone.map((key) => `${key}: deleted`),
  ];
}
