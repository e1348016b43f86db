import { commitOffsets } from '../../../../lib/core/group/commit.ts';
import type { CommitResult } from '../../../../lib/core/group/commit.ts';
import { commitUnowned } from '../../../../lib/core/group/commit-unowned.ts';
import { deleteGroup } from '../../../../lib/core/group/delete-group.ts';
import { fetchOffsets } from '../../../../lib/core/group/fetch-offsets.ts';
import { memberName, partitionName } from '../../../../lib/core/group/group.ts';
import type { MemberKey } from '../../../../lib/core/group/group.ts';
import { partsOf } from '../../../../lib/core/group/group.ts';
import { heartbeat } from '../../../../lib/core/group/heartbeat.ts';
import type { HeartbeatResult } from '../../../../lib/core/group/heartbeat.ts';
import { joinGroup } from '../../../../lib/core/group/join.ts';
import { leaveGroup } from '../../../../lib/core/group/leave.ts';
import { lookAround } from '../../../../lib/core/group/look-around.ts';
import { sweepTargets } from '../../../../lib/core/group/sweep-targets.ts';
import { ask, end } from '../../../../lib/core/machine.ts';
import type { Machine, Step } from '../../../../lib/core/machine.ts';
import { offset } from '../../../../lib/std/brands.ts';
import { group, theOnly, topics } from './names.ts';
import type { SimReply, SimRequest } from './world.ts';

/** One thing that a process does after another. */
export type Op =
  | { readonly do: 'join' }
  /** One heartbeat, and what follows from its answer. */
  | { readonly do: 'beat' }
  /** The same when the beat is due: the item is put in any case. */
  | { readonly do: 'due beat' }
  /** Heartbeats for ever, with a commit after each of the first ones while it works. */
  | { readonly do: 'settle'; readonly commits: number }
  | { readonly do: 'commit' }
  /** A commit of a member that was sent before by another process, and is slow. */
  | {
      readonly do: 'old commit';
      readonly of: string;
      readonly epoch: number;
      readonly n: number;
      readonly offset: number;
    }
  /** A commit by nobody's member, of an offset beyond all others. */
  | { readonly do: 'admin commit' }
  /** The member's next commit is one that another process makes. */
  | { readonly do: 'skip' }
  | { readonly do: 'leave' }
  /** A heartbeat of a member that somebody else sends again: it moves what it can. */
  | { readonly do: 'stray'; readonly of: string; readonly epoch: number }
  | { readonly do: 'retarget'; readonly to: string | undefined }
  /** A look at all members; sessions of members whose name begins with a z have ended. */
  | { readonly do: 'look' }
  /** The group is deleted; sessions are as with a look. */
  | { readonly do: 'delete group' }
  /** Targets that were never named are deleted. */
  | { readonly do: 'sweep' }
  | { readonly do: 'fetch' };

/** What a member's process remembers. */
export interface Client {
  readonly key: MemberKey | undefined;
  readonly epoch: number;
  /** It works on the partition. */
  readonly works: boolean;
  /** What it will commit next. */
  readonly next: number;
  readonly n: number;
  /** Heartbeats since it stopped, up to 2: then a beat is due, which drops what others own. */
  readonly stopped: number | undefined;
}

export const newClient: Client = {
  key: undefined,
  epoch: 0,
  works: false,
  next: 0,
  n: 0,
  stopped: undefined,
};

/** What a process is doing, and what it is told at the end. */
export interface Work {
  readonly name: string;
  readonly state: object;
  readonly step: (replies: readonly SimReply[], expired: boolean) => Move;
}

export type Move =
  | { readonly kind: 'ask'; readonly work: Work; readonly requests: readonly SimRequest[] }
  | { readonly kind: 'end'; readonly told: Told };

export type Told =
  | { readonly kind: 'joined'; readonly key: MemberKey | undefined }
  | { readonly kind: 'beat'; readonly result: HeartbeatResult }
  | {
      readonly kind: 'committed';
      readonly result: CommitResult;
      readonly offset: number;
      readonly name: string;
    }
  | { readonly kind: 'fetched'; readonly offset: number | undefined }
  | { readonly kind: 'skipped'; readonly client: Client }
  /** `isEmpty`: it was told that nothing of the group is left. */
  | { readonly kind: 'deleted'; readonly isEmpty: boolean }
  | { readonly kind: 'other' };

function run<Input, State extends object, Request extends SimRequest, Reply, Result>(
  name: string,
  machine: Machine<Input, State, Request, Reply, Result>,
  input: Input,
  then: (result: Result) => Told,
): Move {
  const follow = (step: Step<State, Request, Result>): Move => {
    if (step.kind === 'end') return { kind: 'end', told: then(step.result) };
    const { state } = step;
    const work: Work = {
      name,
      state,
      // The replies are to requests that this very machine made.
      step: (replies, expired) => follow(machine.step(state, replies as readonly Reply[], expired)),
    };
    return { kind: 'ask', work, requests: step.requests };
  };
  return follow(machine.start(input));
}

/** One request of the explorer's own, as a machine. */
const single: Machine<SimRequest, object, SimRequest, SimReply, 'ended'> = {
  start: (request) => ask({}, request),
  step: () => end('ended'),
};

const nowMs = 1_000_000;
/** Sessions of these members have ended whenever somebody looks. */
const sessionMs = (memberId: string): number => (memberId.startsWith('z') ? 1 : nowMs);

const subscription = { kind: 'names', names: ['t'] } as const;

export const join = (memberId: string, id: string): Move =>
  run(
    'join',
    joinGroup,
    {
      group,
      id,
      topics,
      nowMs: 0,
      joiner: {
        group,
        name: memberName(memberId, undefined),
        memberId,
        clientId: '',
        clientHost: '',
        subscription,
        assignor: undefined,
        sessionMs: sessionMs(memberId),
        rebalanceMs: 2 * nowMs,
        beatMs: 0,
      },
    },
    (result) => ({ kind: 'joined', key: result.kind === 'joined' ? result.key : undefined }),
  );

const beatOf = (
  memberId: string,
  { epoch, works, stopped }: Pick<Client, 'epoch' | 'works' | 'stopped'>,
  { isStray = false, isDue = stopped === 2 }: { isStray?: boolean; isDue?: boolean } = {},
): Move =>
  run(
    'beat',
    heartbeat,
    {
      group,
      memberId,
      instanceId: undefined,
      epoch,
      owned: isStray ? undefined : works ? [theOnly] : [],
      offsets: [],
      subscription: undefined,
      nowMs: isDue ? nowMs / 2 : 0,
    },
    (result) => (isStray ? { kind: 'other' } : { kind: 'beat', result }),
  );

export const beat = (memberId: string, client: Client): Move => beatOf(memberId, client);

/** Names a commit, so that it is known wherever it comes to lie. */
const commitName = (memberId: string, n: number): string => `${memberId}${n}`;

export const commit = (memberId: string, { epoch, next, n }: Client): Move =>
  run(
    'commit',
    commitOffsets,
    {
      group,
      memberId,
      instanceId: undefined,
      epoch,
      commits: [
        {
          ...theOnly,
          n: n + 1,
          committed: {
            offset: offset(BigInt(next)),
            leaderEpoch: -1,
            metadata: commitName(memberId, n + 1),
          },
        },
      ],
      member: undefined,
      nowMs: 0,
    },
    (result) => ({ kind: 'committed', result, offset: next, name: commitName(memberId, n + 1) }),
  );

export const fetch = (): Move =>
  run('fetch', fetchOffsets, { group, partitions: [theOnly] }, (result) => {
    if (result.kind !== 'fetched') return { kind: 'fetched', offset: undefined };
    return { kind: 'fetched', offset: Number(result.offsets[0]?.offset ?? -1) };
  });

function adminCommit(): Move {
  const [next, name] = [100, 'admin'];
  const committed = { offset: offset(BigInt(next)), leaderEpoch: -1, metadata: name };
  const input = { group, commits: [{ ...theOnly, committed }], needsEmpty: false };
  return run('admin', commitUnowned, input, (verdicts) => {
    const verdict = verdicts[0] ?? 'not-sent';
    const isSure = verdict === 'owned' || verdict === 'not-sent';
    const result = { kind: 'judged', member: undefined } as const;
    const told = isSure ? 'not-owned' : verdict;
    return { kind: 'committed', result: { ...result, verdicts: [told] }, offset: next, name };
  });
}

const skipped = (client: Client): Client => ({ ...client, n: client.n + 1, next: client.next + 1 });

const lookInput = (id: string) => ({
  group,
  id,
  topics,
  joiner: undefined,
  nowMs: 10,
  trustsClock: true,
});

export function startOp(op: Op, memberId: string, client: Client, id: string): Move {
  switch (op.do) {
    case 'join':
      return join(memberId, id);
    case 'beat':
    case 'settle':
      return beat(memberId, client);
    case 'due beat':
      return beatOf(memberId, client, { isDue: true });
    case 'commit':
      if (!client.works) return { kind: 'end', told: { kind: 'other' } };
      return commit(memberId, client);
    case 'old commit': {
      const { of, epoch, n, offset: next } = op;
      return commit(of, { ...newClient, epoch, next, n: n - 1 });
    }
    case 'admin commit':
      return adminCommit();
    case 'skip':
      return { kind: 'end', told: { kind: 'skipped', client: skipped(client) } };
    case 'leave': {
      const input = { group, memberId, instanceId: undefined, epoch: client.epoch, offsets: [] };
      return run('leave', leaveGroup, input, () => ({ kind: 'other' }));
    }
    case 'stray':
      return beatOf(op.of, { ...newClient, epoch: op.epoch }, { isStray: true });
    case 'retarget': {
      const to = op.to === undefined ? undefined : memberName(op.to, undefined);
      return run('retarget', single, { kind: 'retarget', to }, () => ({ kind: 'other' }));
    }
    case 'look':
      return run('look', lookAround, lookInput(id), () => ({ kind: 'other' }));
    case 'delete group':
      return run('delete', deleteGroup, lookInput(id), (result) => {
        const isRefused = result.kind === 'refused' && result.reason === 'non-empty';
        return { kind: 'deleted', isEmpty: !isRefused && result.kind !== 'expired' };
      });
    case 'sweep':
      return run('sweep', sweepTargets, { group }, () => ({ kind: 'other' }));
    case 'fetch':
      return fetch();
  }
}

const after = (beats: number | undefined): number | undefined =>
  beats === undefined ? undefined : Math.min(beats + 1, 2);

/** What a heartbeat's answer makes of a client. Undefined: it has to join again. */
export function afterBeat(client: Client, result: HeartbeatResult): Client | undefined {
  if (result.kind === 'expired') return client;
  if (result.kind === 'refused') return undefined;
  const name = partitionName(theOnly);
  const works = result.assigned.some((one) => partitionName(one) === name);
  const isStopping = client.works && !works;
  const stopped = isStopping ? 0 : after(client.stopped);
  return { ...client, epoch: result.epoch, key: result.member.key, works, stopped };
}

export const afterJoin = (client: Client, key: MemberKey | undefined): Client =>
  key === undefined ? client : { ...newClient, n: client.n, key, epoch: partsOf(key).joinEpoch };
