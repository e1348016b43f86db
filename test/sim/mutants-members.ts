import { change } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const core = 'lib/core/group';
const perform = 'lib/engine/perform-group.ts';
const broker = 'lib/broker/groups';

/** Of groups, between their machines and the table, and between their callers and the machines. */
export const memberMutants: readonly Mutant[] = [
  {
    name: 'member-put-on-any-version',
    about: 'a slow commit brings back what the item of its member said before',
    changes: change(
      perform,
      "const condition = { kind: 'version', version: member.version - 1 } as const;",
      "const condition = { kind: 'any' } as const;",
    ),
  },
  {
    name: 'ownership-put-on-any-version',
    about: 'a slow grant takes a partition from who was granted it since',
    changes: change(
      perform,
      'const condition = afterVersion(ownership.version, 0);',
      "const condition = { kind: 'any' } as const;",
    ),
  },
  {
    name: 'group-put-on-any-version',
    about: 'two rebalances at once make one epoch with two targets',
    changes: change(
      perform,
      `  'put-state': async (ports, { state }) => {
    const condition = afterVersion(state.epoch, 1);`,
      `  'put-state': async (ports, { state }) => {
    const condition = { kind: 'any' } as const;`,
    ),
  },
  {
    name: 'join-on-any-version',
    about: 'a late copy of a join takes the group back to its epoch',
    changes: change(
      perform,
      `{ kind: 'put', item, condition },
      { kind: 'put', item: encodeMember(member), condition: { kind: 'absent' } },`,
      `{ kind: 'put', item, condition: { kind: 'any' } },
      { kind: 'put', item: encodeMember(member), condition: { kind: 'any' } },`,
    ),
  },
  {
    name: 'owner-read-eventually',
    about: 'an owner is taken to have given up, or to be gone, or not to be there yet',
    changes: change(
      perform,
      'mapRead(await env.table.get(memberItemKey(group, key), { consistent: true }), decodeMember)',
      'mapRead(await env.table.get(memberItemKey(group, key), { consistent: false }), decodeMember)',
    ),
  },
  {
    name: 'ownership-read-eventually',
    about: 'a fetch of offsets, or a grant, goes by an older owner',
    changes: change(
      perform,
      'const outcome = await env.table.get(key, { consistent: true });',
      'const outcome = await env.table.get(key, { consistent: false });',
    ),
  },
  {
    name: 'unanswered-offsets-are-refused',
    about: 'a commit that was sent and not answered is told to be refused',
    changes: change(`${broker}/refuse.ts`, 'if (sent) return new OutcomeUnknown(who, false);', ''),
  },
  {
    name: 'commits-lose-their-numbers',
    about: 'a commit that a gateway repeats late takes the place of a later one',
    changes: change(
      `${broker}/commit-offsets.ts`,
      'toCommits(list, offsets, commitNumber)',
      'toCommits(list, offsets, undefined)',
    ),
  },
  {
    name: 'told-without-where-to-begin',
    about: 'a member that is granted a partition begins at its start',
    changes: change(
      `${broker}/beat.ts`,
      'return [at === undefined ? told : { ...told, committed: at }];',
      'return [told];',
    ),
  },
  {
    name: 'told-without-its-grant',
    about: 'a member goes on where it was although another had the partition meanwhile',
    changes: change(`${broker}/beat.ts`, 'grantedIn: a }', 'grantedIn: 1 }'),
  },
  {
    name: 'given-up-at-once',
    about: 'what a member was granted in this epoch counts as given up before it is told',
    changes: change(
      `${core}/decide.ts`,
      'if (groupEpoch <= entry.a || requestEpoch <= entry.a) return false;',
      '',
    ),
  },
  {
    name: 'nobody-is-evicted',
    about: 'what a member that died owned is never read again',
    changes: change(
      `${core}/decide.ts`,
      'if (nowMs - member.beatMs > member.sessionMs) return true;',
      '',
    ),
  },
  {
    name: 'look-computes-nothing',
    about: 'partitions and topics that come later are nobody’s',
    changes: change(
      'lib/core/group/look-around.ts',
      'if (!isSame) return startRebalance(state);',
      '',
    ),
  },
  {
    name: 'offsets-expire-at-once',
    about: 'offsets go as soon as nobody is in a group',
    changes: change(
      'lib/engine/group-upkeep.ts',
      'nowMs - empty.sinceMs >= groups.offsetsRetentionMs',
      'nowMs - empty.sinceMs >= 0',
    ),
  },
];
