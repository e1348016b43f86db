import type { Op } from './process.ts';
import type { GroupProgram, GroupScenario } from './system.ts';

const join: Op = { do: 'join' };
const beat: Op = { do: 'beat' };
const dueBeat: Op = { do: 'due beat' };
const commit: Op = { do: 'commit' };
const look: Op = { do: 'look' };
const fetch: Op = { do: 'fetch' };
const leave: Op = { do: 'leave' };
const deletion: Op = { do: 'delete group' };
const sweep: Op = { do: 'sweep' };
const retarget = (to: string | undefined): Op => ({ do: 'retarget', to });
const settle = (commits = 0): Op => ({ do: 'settle', commits });
const stray = (of: string): Op => ({ do: 'stray', of, epoch: 1 });
const oldCommit = (of: string, epoch: number, n: number, offset: number): Op => ({
  do: 'old commit',
  of,
  epoch,
  n,
  offset,
});

const member = (memberId: string, ...ops: readonly Op[]): GroupProgram => ({ memberId, ops });
const mover = (...ops: readonly Op[]): GroupProgram => ({ memberId: '', ops });

/** The first member has the partition, and has committed once; the second one has joined. */
const started = [
  { process: 0, ops: [join, beat, commit] },
  { process: 1, ops: [join, beat] },
];
/** And the first one has given it up for the second, which does not know yet. */
const givenUp = [
  ...started,
  { process: 2, ops: [retarget('y')] },
  { process: 0, ops: [beat, beat] },
];
/** The first one was evicted: its item is gone, and holds the partition and its offset. */
const evicted = [...started, { process: 2, ops: [look] }];

/** The only one has left with the partition and its offset; nobody has looked since. */
const left = [{ process: 0, ops: [join, beat, commit, leave] }];

/** And it went there and back, with a commit. */
const thereAndBack = [
  ...givenUp,
  { process: 1, ops: [beat, commit] },
  { process: 2, ops: [retarget('x')] },
  { process: 1, ops: [beat, beat] },
  { process: 0, ops: [beat] },
];

/** Explored by the tests. Each is visited whole. */
export const groupScenarios: readonly GroupScenario[] = [
  {
    name: 'K1',
    about: 'a partition goes from one member to the other, with commits',
    before: started,
    processes: [member('x', settle(1)), member('y', settle(1)), mover(retarget('y'))],
    faults: 2,
  },
  {
    name: 'K2',
    about: 'the target flips back while the partition is given up',
    before: started,
    processes: [
      member('x', settle(1)),
      member('y', settle(1)),
      mover(retarget('y'), retarget('x')),
    ],
    faults: 0,
  },
  {
    name: 'K3',
    about: 'it flips back after that, and a slow heartbeat moves by the old target',
    before: givenUp,
    processes: [
      member('x', settle()),
      member('y', settle()),
      mover(retarget('x')),
      mover(stray('y')),
    ],
    faults: 0,
  },
  {
    name: 'K4',
    about: 'offsets are fetched while the partition goes over',
    before: started,
    processes: [member('x', settle(1)), member('y', settle(1)), mover(retarget('y')), mover(fetch)],
    faults: 1,
  },
  {
    name: 'K5',
    about: 'a member that is evicted commits, is refused, and joins again',
    before: started,
    processes: [member('z', commit, settle()), member('y', settle(1)), mover(look)],
    faults: 0,
  },
  {
    name: 'K6',
    about: 'a slow commit of a member while it gives the partition up',
    before: started,
    processes: [
      member('x', settle()),
      member('y', settle()),
      mover(retarget('y')),
      mover(oldCommit('x', 1, 2, 1)),
    ],
    faults: 0,
  },
  {
    name: 'K7',
    about: 'a commit from before the partition went there and back',
    before: thereAndBack,
    processes: [member('x', settle(1)), member('y', settle()), mover(oldCommit('x', 1, 9, 0))],
    faults: 1,
  },
  {
    name: 'K8',
    about: 'two members join at once',
    before: [],
    processes: [member('x', join, settle(1)), member('y', join, settle())],
    faults: 1,
    faulty: ['join'],
  },
  {
    name: 'K9',
    about: 'a member leaves with a commit under way, and joins again',
    before: started,
    processes: [
      member('x', leave, join, settle()),
      member('y', settle()),
      mover(oldCommit('x', 1, 2, 1), look),
    ],
    faults: 0,
  },
  {
    name: 'K10',
    about: 'the item of a member that is gone is emptied, and deleted',
    before: evicted,
    processes: [member('z'), member('y', settle(1)), mover(look, look)],
    faults: 1,
  },
  {
    name: 'K11',
    about: 'two commits of one member under way at once',
    before: [...started, { process: 0, ops: [{ do: 'skip' }] }],
    processes: [member('x', commit, commit), member('y'), mover(oldCommit('x', 1, 2, 1))],
    faults: 2,
  },
  {
    name: 'K12',
    about: 'a target that is two epochs old, of a member that does nothing itself',
    before: givenUp,
    processes: [
      member('x', settle()),
      member('y'),
      mover(retarget('x'), retarget('y')),
      mover(stray('y')),
    ],
    faults: 0,
  },
  {
    name: 'K13',
    about: 'a commit that is not answered, and an eviction',
    before: started,
    processes: [member('z', commit), member('y'), mover(look)],
    faults: 2,
  },
  {
    name: 'K14',
    about: 'a commit without a member, in an epoch that gives the partition to nobody',
    before: evicted,
    processes: [
      member('z'),
      member('y', settle()),
      mover({ do: 'admin commit' }),
      mover(retarget(undefined), retarget('y')),
    ],
    faults: 0,
  },
  {
    name: 'K15',
    about: 'a commit without a member that is not answered, with time running out',
    before: [...evicted, { process: 2, ops: [retarget(undefined)] }],
    processes: [
      member('z'),
      member('y', beat),
      { ...mover({ do: 'admin commit' }), mayExpire: true },
      mover(retarget('y')),
    ],
    faults: 1,
  },
  {
    name: 'K16',
    about: 'a delivery that is not answered looks given up, and is granted anew',
    before: evicted,
    processes: [member('z'), member('y', settle(1)), mover(retarget(undefined), retarget('y'))],
    faults: 2,
  },
  {
    name: 'K17',
    about: 'a group is deleted while a member joins that commits',
    before: left,
    processes: [member('x'), member('y', join, settle(1)), mover(deletion)],
    faults: 1,
  },
  {
    name: 'K18',
    about: 'a deletion whose writes are not answered, with time running out, is begun again',
    before: left,
    processes: [member('x'), member('y'), { ...mover(deletion, deletion), mayExpire: true }],
    faults: 2,
  },
  {
    name: 'K19',
    about: 'targets are swept while two members join',
    before: [],
    processes: [member('x', join, settle()), member('y', join, settle()), mover(sweep, sweep)],
    faults: 0,
  },
  {
    name: 'K20',
    about: 'a slow grant is delivered by another member to one that seems settled',
    before: [
      { process: 0, ops: [join] },
      { process: 1, ops: [join, beat] },
    ],
    processes: [
      member('x', dueBeat, beat),
      member('y', beat, beat),
      mover(retarget('y')),
      mover(stray('x')),
    ],
    faults: 0,
  },
];

/** The same with one fault more, and larger ones; some are too large to be visited whole. */
export const longGroupScenarios: readonly GroupScenario[] = groupScenarios
  .map((scenario) => ({ ...scenario, name: `${scenario.name}+`, faults: scenario.faults + 1 }))
  .concat([
    {
      name: 'K31',
      about: 'the target flips back, with slow heartbeats of both',
      before: started,
      processes: [
        member('x', settle(1)),
        member('y', settle(1)),
        mover(retarget('y'), retarget('x')),
        mover(stray('y')),
        mover(stray('x')),
      ],
      faults: 0,
    },
    {
      name: 'K32',
      about: 'three members, two of which have to give it up in turn',
      before: [...started, { process: 2, ops: [join, beat] }],
      processes: [
        member('x', settle(1)),
        member('y', settle(1)),
        member('w', settle()),
        mover(retarget('y'), retarget('w')),
      ],
      faults: 1,
    },
  ])
  .map((scenario) => ({ ...scenario, statesMax: 1_000_000 }));
