import type { GroupOutcomes, GroupReply, GroupRequest } from '../core/group/requests.ts';
import type { Environment } from '../ports/environment.ts';
import type { Condition, Item, ItemKey } from '../ports/metadata-table.ts';
import { done } from '../ports/outcome.ts';
import type { ConditionalOutcome, ReadOutcome, WriteOutcome } from '../ports/outcome.ts';
import {
  decodeMember,
  encodeMember,
  memberItemKey,
  memberRange,
  membersRange,
} from '../store/group-member.ts';
import {
  decodeOwnership,
  encodeOwnership,
  ownershipKey,
  ownershipRange,
} from '../store/group-ownership.ts';
import { groupPk } from '../store/group-pk.ts';
import { decodeGroupState, encodeGroupState, groupStateKey } from '../store/group-state.ts';
import {
  decodeTarget,
  encodeTarget,
  targetOf,
  targetRange,
  targetsUpTo,
} from '../store/group-target.ts';
import { mapItem, mapRead, queryAll } from './outcomes.ts';
import { together } from './together.ts';

/** The items that one call has read or put: what a newer release keeps in them is not lost. */
type Seen = Map<string, Item>;

interface GroupPorts {
  readonly env: Environment;
  readonly seen: Seen;
}

type Performers = {
  [Kind in GroupRequest['kind']]: (
    ports: GroupPorts,
    request: Extract<GroupRequest, { kind: Kind }>,
  ) => Promise<GroupOutcomes[Kind]>;
};

/** What the groups' machines ask for, as calls on the table, through the codecs of the store. */
const performers: Performers = {
  'get-state': async (ports, { group }) =>
    mapRead(await read(ports, groupStateKey(group)), decodeGroupState),

  'put-state': async (ports, { state }) => {
    const condition = afterVersion(state.epoch, 1);
    const before = await itemBefore(ports, groupStateKey(state.group), condition);
    if (before.kind !== 'done') return before;
    const put = await write(ports, encodeGroupState(state, before.value), condition);
    return mapItem(put, decodeGroupState);
  },

  join: async (ports, { state, member }) => {
    const condition = afterVersion(state.epoch, 1);
    const before = await itemBefore(ports, groupStateKey(state.group), condition);
    if (before.kind !== 'done') return before;
    const item = encodeGroupState(state, before.value);
    return ports.env.table.transact([
      { kind: 'put', item, condition },
      { kind: 'put', item: encodeMember(member), condition: { kind: 'absent' } },
    ]);
  },

  'get-target': async ({ env }, { group, epoch, id }) => {
    const found = await queryAll(env.table, groupPk(group), targetRange({ epoch, id }));
    return found.kind === 'done' ? done(decodeTarget(found.value)) : found;
  },

  'put-target': async ({ env }, { target }) =>
    allDone(
      await together(encodeTarget(target).map((item) => env.table.put(item, { kind: 'any' }))),
    ),

  'delete-target': async ({ env }, { group, epoch, id }) => {
    const found = await queryAll(env.table, groupPk(group), targetRange({ epoch, id }));
    if (found.kind !== 'done') return found;
    const deletes = found.value.map(({ pk, sk }) => env.table.delete({ pk, sk }, { kind: 'any' }));
    return allDone(await together(deletes));
  },

  'query-targets': async ({ env }, { group, upTo }) => {
    const found = await queryAll(env.table, groupPk(group), targetsUpTo(upTo));
    if (found.kind !== 'done') return found;
    const targets = found.value.map(targetOf);
    return done([...new Map(targets.map((target) => [target.id, target])).values()]);
  },

  'find-member': async ({ env }, { group, name }) => {
    const options = { limit: 1, reverse: true, consistent: true };
    const found = await env.table.query(groupPk(group), memberRange(name), options);
    if (found.kind !== 'done') return found;
    const [item] = found.value.items;
    return done(item === undefined ? undefined : decodeMember(item));
  },

  'get-member': async ({ env }, { group, key }) =>
    mapRead(await env.table.get(memberItemKey(group, key), { consistent: true }), decodeMember),

  'query-members': async ({ env }, { group }) => {
    const found = await queryAll(env.table, groupPk(group), membersRange);
    return found.kind === 'done' ? done(found.value.map(decodeMember)) : found;
  },

  'put-member': async ({ env }, { member }) => {
    const condition = { kind: 'version', version: member.version - 1 } as const;
    return mapItem(await env.table.put(encodeMember(member), condition), decodeMember);
  },

  'delete-member': async ({ env }, { member }) => {
    const condition = { kind: 'version', version: member.version } as const;
    const key = memberItemKey(member.group, member.key);
    return mapItem(await env.table.delete(key, condition), decodeMember);
  },

  'get-ownership': async (ports, { group, of }) =>
    mapRead(await read(ports, ownershipKey(group, of)), decodeOwnership),

  'query-ownerships': async ({ env, seen }, { group }) => {
    const found = await queryAll(env.table, groupPk(group), ownershipRange);
    if (found.kind !== 'done') return found;
    for (const item of found.value) see(seen, item);
    return done(found.value.map(decodeOwnership));
  },

  'put-ownership': async (ports, { ownership }) => {
    const condition = afterVersion(ownership.version, 0);
    const before = await itemBefore(ports, ownershipKey(ownership.group, ownership), condition);
    if (before.kind !== 'done') return before;
    const put = await write(ports, encodeOwnership(ownership, before.value), condition);
    return mapItem(put, decodeOwnership);
  },

  wait: async ({ env }, { ms }) => {
    await env.clock.sleep(env.random.next() * ms);
    return done(undefined);
  },
};

/** For the machines of one call: it remembers the items that they have read. */
export function groupPerformer(env: Environment): (request: GroupRequest) => Promise<GroupReply> {
  const ports: GroupPorts = { env, seen: new Map() };
  return async (request) => {
    // One lookup by kind; the table above relates each request to its own outcome.
    const perform = performers[request.kind] as (
      ports: GroupPorts,
      request: GroupRequest,
    ) => Promise<GroupReply['outcome']>;
    return { kind: request.kind, outcome: await perform(ports, request) } as GroupReply;
  };
}

/** `first`: the version with which an item of this kind begins. */
const afterVersion = (version: number, first: number): Condition =>
  version === first ? { kind: 'absent' } : { kind: 'version', version: version - 1 };

const nameOf = ({ pk, sk }: ItemKey): string => `${pk} ${sk}`;

const see = (seen: Seen, item: Item): void => void seen.set(nameOf(item), item);

async function read(
  { env, seen }: GroupPorts,
  key: ItemKey,
): Promise<ReadOutcome<Item | undefined>> {
  const outcome = await env.table.get(key, { consistent: true });
  if (outcome.kind === 'done' && outcome.value !== undefined) see(seen, outcome.value);
  return outcome;
}

async function write(
  { env, seen }: GroupPorts,
  item: Item,
  condition: Condition,
): Promise<ConditionalOutcome<undefined, Item>> {
  const outcome = await env.table.put(item, condition);
  if (outcome.kind === 'condition-failed' && outcome.item !== undefined) see(seen, outcome.item);
  return outcome;
}

/** The item that a put replaces. Machines have read it, as a rule, in this very call. */
async function itemBefore(
  ports: GroupPorts,
  key: ItemKey,
  condition: Condition,
): Promise<ReadOutcome<Item | undefined>> {
  if (condition.kind !== 'version') return done(undefined);
  const known = ports.seen.get(nameOf(key));
  return known?.version === condition.version ? done(known) : read(ports, key);
}

/** Nothing of an unknown outcome is lost beside one that is known. */
function allDone(
  outcomes: readonly ConditionalOutcome<undefined, Item>[],
): WriteOutcome<undefined> {
  let worst: WriteOutcome<undefined> = done(undefined);
  for (const outcome of outcomes) {
    if (outcome.kind === 'indeterminate') return outcome;
    if (outcome.kind === 'throttled' || outcome.kind === 'unavailable') worst = outcome;
  }
  return worst;
}
