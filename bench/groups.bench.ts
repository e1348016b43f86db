/**
 * `node bench/groups.bench.ts`: what large consumer groups take of a processor, in ms, and how many
 * bytes of the table, call by call. The machines run alone, on a table that answers at once; its own time
 * is not counted.
 */
import { memberName } from '../lib/core/group/group.ts';
import type { Member, MemberKey, Target, TopicView } from '../lib/core/group/group.ts';
import { commitOffsets } from '../lib/core/group/commit.ts';
import { heartbeat } from '../lib/core/group/heartbeat.ts';
import type { HeartbeatResult } from '../lib/core/group/heartbeat.ts';
import { joinGroup } from '../lib/core/group/join.ts';
import { lookAround } from '../lib/core/group/look-around.ts';
import type { GroupReply } from '../lib/core/group/requests.ts';
import type { Machine } from '../lib/core/machine.ts';
import type { PartitionKey } from '../lib/core/log/partition-key.ts';
import type { Item } from '../lib/ports/metadata-table.ts';
import { offset, topicId } from '../lib/std/brands.ts';
import { encodeMember } from '../lib/store/group-member.ts';
import { encodeOwnership } from '../lib/store/group-ownership.ts';
import { encodeGroupState } from '../lib/store/group-state.ts';
import { encodeTarget } from '../lib/store/group-target.ts';
import { emptyWorld, execute } from '../test/sim/explorer/groups/world.ts';
import type { SimRequest, World } from '../test/sim/explorer/groups/world.ts';

const bytesOf = ({ pk, sk, body }: Item): number => pk.length + sk.length + body.length;
const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);
const memberBytes = (member: Member | undefined): number =>
  member === undefined ? 0 : bytesOf(encodeMember(member));
const targetBytes = (target: Target | undefined): number =>
  target === undefined ? 0 : sum(encodeTarget(target).map(bytesOf));

/** Bytes that a request writes, and that its answer reads. */
function bytesFor(request: SimRequest, reply: GroupReply): { read: number; written: number } {
  const written = (value: number) => ({ read: 0, written: value });
  const read = (value: number) => ({ read: value, written: 0 });
  if (request.kind === 'join') {
    return written(bytesOf(encodeGroupState(request.state)) + memberBytes(request.member));
  }
  if (request.kind === 'put-member') return written(memberBytes(request.member));
  if (request.kind === 'put-target') return written(targetBytes(request.target));
  if (request.kind === 'put-state') return written(bytesOf(encodeGroupState(request.state)));
  if (request.kind === 'put-ownership') return written(bytesOf(encodeOwnership(request.ownership)));
  if (reply.outcome.kind !== 'done') return read(0);
  if (reply.kind === 'find-member' || reply.kind === 'get-member') {
    return read(memberBytes(reply.outcome.value));
  }
  if (reply.kind === 'query-members') return read(sum(reply.outcome.value.map(memberBytes)));
  if (reply.kind === 'get-target') return read(targetBytes(reply.outcome.value));
  if (reply.kind === 'get-state' && reply.outcome.value !== undefined) {
    return read(bytesOf(encodeGroupState(reply.outcome.value)));
  }
  if (reply.kind === 'get-ownership' && reply.outcome.value !== undefined) {
    return read(bytesOf(encodeOwnership(reply.outcome.value)));
  }
  return read(0);
}

interface Cost {
  ms: number;
  read: number;
  written: number;
  calls: number;
}

function msSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

class Group {
  readonly #topics: readonly TopicView[];
  readonly #clients = new Map<string, { epoch: number; owned: readonly PartitionKey[] }>();
  #world: World = emptyWorld;
  #ids = 0;

  constructor(topics: readonly TopicView[]) {
    this.#topics = topics;
  }

  #run<Input, State, Request extends SimRequest, Reply, Result>(
    machine: Machine<Input, State, Request, Reply, Result>,
    input: Input,
  ): { readonly result: Result; readonly cost: Cost } {
    const cost: Cost = { ms: 0, read: 0, written: 0, calls: 0 };
    let before = process.cpuUsage();
    let step = machine.start(input);
    cost.ms += msSince(before);
    while (step.kind === 'ask') {
      const replies = step.requests.map((request) => {
        const { world, reply } = execute(this.#world, request);
        this.#world = world;
        const { read, written } = bytesFor(request, reply as GroupReply);
        cost.read += read;
        cost.written += written;
        cost.calls += 1;
        return reply as Reply;
      });
      before = process.cpuUsage();
      step = machine.step(step.state, replies, false);
      cost.ms += msSince(before);
    }
    return { result: step.result, cost };
  }

  #input() {
    this.#ids += 1;
    return { group: 'g', id: `${this.#ids}x`, topics: this.#topics, nowMs: this.#ids * 1_000 };
  }

  join(memberId: string): Cost {
    const client = { group: 'g', memberId, clientId: '', clientHost: '', beatMs: 0 };
    const names = this.#topics.map(({ name }) => name);
    const subscription = { kind: 'names', names } as const;
    const times = { sessionMs: 1_800_000, rebalanceMs: 86_400_000 };
    const name = memberName(memberId, undefined);
    const joiner = { ...client, ...times, subscription, name, assignor: undefined };
    const { result, cost } = this.#run(joinGroup, { ...this.#input(), joiner });
    if (result.kind !== 'joined') throw new Error(`not joined: ${result.kind}`);
    this.#clients.set(memberId, { epoch: epochOf(result.key), owned: [] });
    return cost;
  }

  beat(memberId: string): { readonly cost: Cost; readonly result: HeartbeatResult } {
    const { epoch, owned } = this.#client(memberId);
    const base = { group: 'g', memberId, instanceId: undefined, offsets: [] };
    const { nowMs } = this.#input();
    const input = { ...base, epoch, owned, subscription: undefined, nowMs };
    const { result, cost } = this.#run(heartbeat, input);
    if (result.kind !== 'beat') throw new Error(`no beat: ${result.kind}`);
    this.#clients.set(memberId, { epoch: result.epoch, owned: result.assigned });
    return { cost, result };
  }

  commit(memberId: string): Cost {
    const { epoch, owned } = this.#client(memberId);
    const one = { offset: offset(1_000_000n), leaderEpoch: -1, metadata: '' };
    const commits = owned.map((of) => ({ ...of, committed: one, n: undefined }));
    const base = { group: 'g', memberId, instanceId: undefined, member: undefined, nowMs: 0 };
    return this.#run(commitOffsets, { ...base, epoch, commits }).cost;
  }

  look(): Cost {
    const input = { ...this.#input(), joiner: undefined, trustsClock: true };
    return this.#run(lookAround, input).cost;
  }

  /** Heartbeats of all until nothing is pending, and how many of one member that took. */
  settle(): { readonly rounds: number; readonly cost: Cost } {
    const cost: Cost = { ms: 0, read: 0, written: 0, calls: 0 };
    for (let rounds = 1; ; rounds += 1) {
      let isPending = false;
      for (const memberId of this.#clients.keys()) {
        const { cost: one, result } = this.beat(memberId);
        cost.ms += one.ms;
        cost.read += one.read;
        cost.written += one.written;
        cost.calls += one.calls;
        isPending ||= result.kind === 'beat' && result.intervalMs <= 1_000;
      }
      if (!isPending) return { rounds, cost };
    }
  }

  #client(memberId: string) {
    const client = this.#clients.get(memberId);
    if (client === undefined) throw new Error(`no such member: ${memberId}`);
    return client;
  }
}

const epochOf = (key: MemberKey): number => Number(key.slice(key.lastIndexOf('@') + 1));

function line(what: string, { ms, read, written, calls }: Cost): void {
  const columns = [ms.toFixed(2), String(calls), String(read), String(written)];
  console.log(`| ${what} | ${columns.join(' | ')} |`);
}

function measure(members: number, topics: number, partitions: number): void {
  const views = Array.from({ length: topics }, (_, i) => {
    const id = topicId(Buffer.alloc(16, i + 1).toString('base64url'));
    return { name: `t${i}`, id, partitions };
  });
  console.log(`\n${members} members, ${topics * partitions} partitions of ${topics} topics\n`);
  console.log('| call | CPU ms | calls | bytes read | bytes written |');
  console.log('| --- | --: | --: | --: | --: |');
  const group = new Group(views);
  for (let i = 0; i < members; i += 1) group.join(`m${i}`);
  const first = group.settle();
  line(`all get what they are to get, in ${first.rounds} rounds`, first.cost);
  for (let i = 0; i < members; i += 1) group.commit(`m${i}`);
  // What is measured is compiled by now, as in a process that serves.
  for (let i = 0; i < 20; i += 1) group.beat('m0');
  line('heartbeat, nothing changed', group.beat('m0').cost);
  line('commit of all that it owns', group.commit('m0'));
  line('look, nothing changed', group.look());
  line('join', group.join('n'));
  const moved = group.settle();
  line(`rebalance after it, in ${moved.rounds} rounds`, moved.cost);
}

measure(100, 10, 100);
measure(1, 4, 1_000);
