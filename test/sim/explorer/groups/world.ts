import { ownersIn, partitionName } from '../../../../lib/core/group/group.ts';
import type {
  GroupState,
  Member,
  MemberKey,
  Ownership,
  Target,
} from '../../../../lib/core/group/group.ts';
import { partsOf } from '../../../../lib/core/group/group.ts';
import type { GroupReply, GroupRequest } from '../../../../lib/core/group/requests.ts';
import { done } from '../../../../lib/ports/outcome.ts';
import { group, theOnly } from './names.ts';

/** Requests of the explorer's own. */
type OwnRequest =
  /** A new epoch whose target gives the partition to the newest item of a name, or to nobody. */
  { readonly kind: 'retarget'; readonly to: string | undefined };

export type SimRequest = GroupRequest | OwnRequest;
export type SimReply =
  | GroupReply
  | { readonly kind: OwnRequest['kind']; readonly outcome: { readonly kind: string } };

/** One group as the table holds it. */
export interface World {
  readonly state: GroupState | undefined;
  readonly targets: ReadonlyMap<string, Target>;
  readonly members: ReadonlyMap<MemberKey, Member>;
  readonly ownerships: ReadonlyMap<string, Ownership>;
}

export const emptyWorld: World = {
  state: undefined,
  targets: new Map(),
  members: new Map(),
  ownerships: new Map(),
};

export interface Executed {
  readonly world: World;
  readonly reply: SimReply;
}

/** Does what a table does with a request, at one moment. */
export function execute(world: World, request: SimRequest): Executed {
  switch (request.kind) {
    case 'get-state':
      return { world, reply: { kind: 'get-state', outcome: done(world.state) } };
    case 'get-target':
      return { world, reply: { kind: 'get-target', outcome: done(world.targets.get(request.id)) } };
    case 'query-targets': {
      const found = [...world.targets.values()].filter(({ epoch }) => epoch <= request.upTo);
      return { world, reply: { kind: 'query-targets', outcome: done(found) } };
    }
    case 'find-member': {
      const outcome = done(newestOf(world, request.name));
      return { world, reply: { kind: 'find-member', outcome } };
    }
    case 'get-member': {
      const outcome = done(world.members.get(request.key));
      return { world, reply: { kind: 'get-member', outcome } };
    }
    case 'query-members': {
      const outcome = done([...world.members.values()]);
      return { world, reply: { kind: 'query-members', outcome } };
    }
    case 'get-ownership': {
      const outcome = done(world.ownerships.get(partitionName(request.of)));
      return { world, reply: { kind: 'get-ownership', outcome } };
    }
    case 'query-ownerships': {
      const outcome = done([...world.ownerships.values()]);
      return { world, reply: { kind: 'query-ownerships', outcome } };
    }
    case 'wait':
      return { world, reply: { kind: 'wait', outcome: done(undefined) } };
    case 'retarget':
      return { world: retarget(world, request.to), reply: { kind: 'retarget', outcome: done(0) } };
    default:
      return write(world, request);
  }
}

type Write = Extract<
  GroupRequest,
  { readonly kind: `put-${string}` | `delete-${string}` | 'join' }
>;

function write(world: World, request: Write): Executed {
  switch (request.kind) {
    case 'put-target': {
      const targets = new Map(world.targets).set(request.target.id, request.target);
      return ok({ ...world, targets }, request.kind);
    }
    case 'delete-target': {
      const targets = new Map(world.targets);
      targets.delete(request.id);
      return ok({ ...world, targets }, request.kind);
    }
    case 'put-state': {
      if (!follows(world, request.state)) return failed(world, request.kind, world.state);
      return ok({ ...world, state: request.state }, request.kind);
    }
    case 'join': {
      const { state, member } = request;
      if (!follows(world, state) || world.members.has(member.key)) {
        return { world, reply: { kind: 'join', outcome: { kind: 'conditions-failed' } } };
      }
      const members = new Map(world.members).set(member.key, member);
      return ok({ ...world, state, members }, request.kind);
    }
    case 'put-member': {
      const { member } = request;
      const before = world.members.get(member.key);
      if (before === undefined || before.version !== member.version - 1) {
        return failed(world, request.kind, before);
      }
      const members = new Map(world.members).set(member.key, member);
      return ok({ ...world, members }, request.kind);
    }
    case 'delete-member': {
      const { key, version } = request.member;
      const before = world.members.get(key);
      if (before?.version !== version) return failed(world, request.kind, before);
      const members = new Map(world.members);
      members.delete(key);
      return ok({ ...world, members }, request.kind);
    }
    case 'put-ownership': {
      const { ownership } = request;
      const name = partitionName(ownership);
      const before = world.ownerships.get(name);
      if ((before?.version ?? -1) !== ownership.version - 1) {
        return failed(world, request.kind, before);
      }
      const ownerships = new Map(world.ownerships).set(name, ownership);
      return ok({ ...world, ownerships }, request.kind);
    }
  }
}

const ok = (world: World, kind: Write['kind']): Executed => ({
  world,
  reply: { kind, outcome: done(undefined) },
});

const failed = (world: World, kind: Write['kind'], item: unknown): Executed => ({
  world,
  reply: { kind, outcome: { kind: 'condition-failed', item } } as SimReply,
});

const follows = (world: World, state: GroupState): boolean =>
  state.epoch === (world.state?.epoch ?? 0) + 1;

function newestOf(world: World, name: string): Member | undefined {
  const named = [...world.members.values()].filter(({ key }) => partsOf(key).name === name);
  return named.toSorted((a, b) => partsOf(b.key).joinEpoch - partsOf(a.key).joinEpoch)[0];
}

function retarget(world: World, to: string | undefined): World {
  const epoch = (world.state?.epoch ?? 0) + 1;
  const id = `retarget-${epoch}`;
  const owner = to === undefined ? undefined : newestOf(world, to)?.key;
  const live = [...world.members.values()].filter(({ gone }) => !gone);
  const members = live.map(({ key }) => ({ key, partitions: key === owner ? [theOnly] : [] }));
  const target: Target = { group, epoch, id, members };
  const state: GroupState = { group, epoch, target: id, sinceMs: 0, members: live.length };
  // What no `STATE` names is deleted at some time; here at once.
  return { ...world, state, targets: new Map([[id, target]]) };
}

/** Who is to own the partition, as `STATE` says. */
export function targetOwner(world: World): MemberKey | undefined {
  const target = world.state && world.targets.get(world.state.target);
  return target && ownersIn(target).get(partitionName(theOnly));
}
