import { change } from './mutant.ts';
import type { ExploredMutant } from './mutant.ts';

const group = 'lib/core/group';
const world = 'test/sim/explorer/groups/world.ts';

/** Of ownership in consumer groups: commit, release, grant, deliver, drop, evict, join. */
export const groupMutants: readonly ExploredMutant[] = [
  {
    name: 'ownership-on-any-version',
    about: 'a slow grant takes a partition from the member that was granted it since',
    changes: change(
      world,
      'if ((before?.version ?? -1) !== ownership.version - 1) {',
      'if ((before?.version ?? -1) > ownership.version + 1_000) {',
    ),
    scenario: 'K3',
  },
  {
    name: 'granted-in-an-old-epoch',
    about: 'a grant by an old target follows one by a newer target',
    changes: [
      ...change(
        `${group}/hand-over.ts`,
        'ownership !== undefined && ownership.a >= input.epoch;',
        'ownership !== undefined && ownership.a >= input.epoch + 1_000;',
      ),
      ...change(
        `${group}/decide.ts`,
        'if (before !== undefined && epoch <= before.a) return undefined;',
        '',
      ),
    ],
    scenario: 'K12',
  },
  {
    name: 'grant-without-release',
    about: 'a partition is granted although its owner still has it',
    changes: change(
      `${group}/decide.ts`,
      'const isFree = entry.released || owner?.gone === true;',
      'const isFree = entry.a > 0;',
    ),
    scenario: 'K1',
  },
  {
    name: 'grant-not-delivered-is-skipped',
    about: 'a partition is granted again while its delivery is under way',
    changes: change(
      `${group}/decide.ts`,
      "return { kind: 'undelivered' };",
      "return { kind: 'free', committed: ownership.committed };",
    ),
    scenario: 'K3',
  },
  {
    name: 'delivered-by-an-old-ownership',
    about: 'an ownership read before the item is delivered to it',
    changes: change(
      `${group}/hand-over.ts`,
      "const fresh = present(valuesOf(replies, 'get-ownership') ?? []);",
      'const fresh = present(state.known);',
    ),
    scenario: 'K3',
  },
  {
    name: 'member-on-any-version',
    about: 'a late put of a member brings back what was released, committed or gone since',
    changes: change(
      world,
      'if (before === undefined || before.version !== member.version - 1) {',
      'if (before === undefined || before.version > member.version + 1_000) {',
    ),
    scenario: 'K6',
  },
  {
    name: 'offset-of-the-ownership-goes-on',
    about: 'the next owner begins where the last one did, not where it ended',
    changes: change(
      `${group}/decide.ts`,
      "return isFree ? { kind: 'free', committed: entry.committed } : { kind: 'held' };",
      "return isFree ? { kind: 'free', committed: ownership.committed } : { kind: 'held' };",
    ),
    scenario: 'K1',
  },
  {
    name: 'released-takes-commits',
    about: 'a commit is accepted from who has given the partition up',
    changes: change(
      `${group}/decide.ts`,
      "return entry.released ? 'not-owned' : 'accepted';",
      "return 'accepted';",
    ),
    scenario: 'K6',
  },
  {
    name: 'gone-takes-commits',
    about: 'a commit is accepted from who was evicted',
    changes: change(
      `${group}/decide.ts`,
      "if (member === undefined || member.gone) return 'unknown-member';",
      "if (member === undefined) return 'unknown-member';",
    ),
    scenario: 'K5',
  },
  {
    name: 'commit-of-an-old-epoch',
    about: 'a commit counts that was sent before the partition went there and back',
    changes: change(`${group}/decide.ts`, "if (epoch < entry.a) return 'stale-epoch';", ''),
    scenario: 'K7',
  },
  {
    name: 'commits-without-numbers',
    about: 'a slow commit replaces a later one of the same member',
    changes: change(
      `${group}/decide.ts`,
      "if (n !== undefined && n <= entry.n) return 'overtaken';",
      '',
    ),
    scenario: 'K11',
  },
  {
    name: 'members-and-ownership-read-at-once',
    about: 'a fetch misses the entry that a partition went to between its two reads',
    changes: [
      ...change(
        `${group}/fetch-offsets.ts`,
        "return ask({ ...state, phase: 'members' }, { kind: 'query-members', group });",
        "return ask({ ...state, phase: 'members' }, { kind: 'query-members', group }, ...state.input.partitions.map((of) => ({ kind: 'get-ownership', group, of })));",
      ),
      ...change(
        `${group}/fetch-offsets.ts`,
        "if (partitions.length === 0) return end({ kind: 'fetched', offsets: [] });",
        "return end({ kind: 'fetched', offsets: partitions.map((of, i) => committedOf(of, members, valuesOf(replies, 'get-ownership')?.[i])) });",
      ),
    ],
    scenario: 'K4',
  },
  {
    name: 'ownership-wins-at-equal-a',
    about: 'the offset of the grant is told in place of what the owner has committed',
    changes: change(
      `${group}/fetch-offsets.ts`,
      'newest.a >= (ownership?.a ?? 0)',
      'newest.a > (ownership?.a ?? 0)',
    ),
    scenario: 'K8',
  },
  {
    name: 'dropped-before-it-was-granted',
    about: 'an entry goes with the offset that the next owner needs',
    changes: change(
      `${group}/decide.ts`,
      'entry !== undefined && ownership.a > entry.a;',
      'entry !== undefined && ownership.a >= entry.a;',
    ),
    scenario: 'K1',
  },
  {
    name: 'given-up-before-it-was-told',
    about: 'what was granted in this epoch is taken for given up, and cannot be granted again',
    changes: change(
      `${group}/decide.ts`,
      'if (groupEpoch <= entry.a || requestEpoch <= entry.a) return false;',
      '',
    ),
    scenario: 'K1',
  },
  {
    name: 'deleted-with-its-offsets',
    about: 'the item of a member that is gone is deleted while an entry of it is needed',
    changes: change(
      `${group}/look-around.ts`,
      'return ownership !== undefined && mayDrop(entry, ownership);',
      'return ownership === undefined || ownership.a >= entry.a;',
    ),
    scenario: 'K10',
  },
  {
    name: 'join-that-does-not-depend-on-the-epoch',
    about: 'a late copy of a join makes its item, whatever has happened since',
    changes: change(
      world,
      'if (!follows(world, state) || world.members.has(member.key)) {',
      'if (world.members.has(member.key)) {',
    ),
    scenario: 'K8',
  },
  {
    name: 'unanswered-commit-is-refused',
    about: 'a commit that was sent is told to be refused when its member is gone, and counts',
    changes: change(
      `${group}/commit.ts`,
      "if (state.sent) return end({ kind: 'expired', sent: true });",
      '',
    ),
    scenario: 'K13',
  },
  {
    name: 'admin-commit-despite-an-owner',
    about: 'an offset is committed for a partition from under its owner',
    changes: change(
      `${group}/commit-unowned.ts`,
      "if (freedomOf(before, owner).kind !== 'free') return undefined;",
      '',
    ),
    scenario: 'K14',
  },
  {
    name: 'unanswered-admin-commit-is-refused',
    about: 'a commit without a member that was sent is told to be refused, and counts',
    changes: change(
      `${group}/commit-unowned.ts`,
      "return verdict === 'unknown' ? 'unknown' : 'owned';",
      "return 'owned';",
    ),
    scenario: 'K15',
  },
  {
    name: 'unsettled-stays-settled',
    about: 'a member that gave up what it was to have is never looked at again',
    changes: change(
      `${group}/heartbeat.ts`,
      'settledEpoch: isSettled ? group.epoch : 0,',
      'settledEpoch: isSettled ? group.epoch : member.settledEpoch,',
    ),
    scenario: 'K16',
  },
  {
    name: 'owned-is-deleted',
    about: 'a group is told to be deleted although a member that joined has an offset of it',
    changes: change(
      `${group}/delete-group.ts`,
      "if (verdicts.includes('owned')) return nonEmpty(next);",
      '',
    ),
    scenario: 'K17',
  },
  {
    name: 'deleted-before-the-gone-are',
    about: 'a group is told to be deleted while the item of a member that is gone has an offset',
    changes: change(
      `${group}/delete-group.ts`,
      'const isLeft = (group.value?.members ?? 0) > 0 || members.value.length > 0;',
      'const isLeft = (group.value?.members ?? 0) > 0;',
    ),
    scenario: 'K17',
  },
  {
    name: 'cut-short-is-deleted',
    about: 'a group is told to be deleted although some of its offsets were not written',
    changes: change(
      `${group}/delete-group.ts`,
      "if (isUnknown || verdicts.includes('not-sent')) {",
      'if (isUnknown && verdicts.length > 1_000) {',
    ),
    scenario: 'K18',
  },
  {
    name: 'target-swept-before-it-is-named',
    about: 'the target of a join that is under way is taken for one that was never named',
    changes: change(
      `${group}/sweep-targets.ts`,
      'const upTo = outcome.value.epoch;',
      'const upTo = outcome.value.epoch + 1;',
    ),
    scenario: 'K19',
  },
  {
    name: 'tried-again-by-an-old-ownership',
    about: 'the second try of a delivery goes by what was read before the item was',
    changes: change(
      `${group}/hand-over.ts`,
      "const fresh = present(valuesOf(replies, 'get-ownership') ?? []);",
      "const fresh = present(state.tries > 0 ? state.known : (valuesOf(replies, 'get-ownership') ?? []));",
    ),
    scenario: 'K3',
  },
  {
    name: 'helped-stays-settled',
    about: 'a member that seemed settled works on what it was granted by a target that is over',
    changes: change(
      `${group}/hand-over.ts`,
      'const member = { ...next, settledEpoch: 0, version: owner.version + 1 };',
      'const member = { ...next, version: owner.version + 1 };',
    ),
    scenario: 'K20',
  },
];
