import type { Op } from './process.ts';
import type { GroupProgram, GroupScenario } from './system.ts';

const join: Op = { do: 'join' };
const beat: Op = { do: 'beat' };
const commit: Op = { do: 'commit' };
const look: Op = { do: 'look' };
const fetch: Op = { do: 'fetch' };
const retarget = (to: string): Op => ({ do: 'retarget', to });
const settle = (commits = 0): Op => ({ do: 'settle', commits });
const stray = (of: string): Op => ({ do: 'stray', of, epoch: 1 });

const member = (memberId: string, ...ops: readonly Op[]): GroupProgram => ({ memberId, ops });
const mover = (...ops: readonly Op[]): GroupProgram => ({ memberId: '', ops });

/** The first member has the partition, and has committed once; the second one has joined. */
const started = [
  { process: 0, ops: [join, beat, commit] },
  { process: 1, ops: [join, beat] },
];

/** Explored by the tests. Each is visited whole. */
export const groupScenarios: readonly GroupScenario[] = [
  {
    name: 'K1',
    about: 'a partition goes from one member to the other, with commits',
    before: started,
    processes: [member('x', settle(1)), member('y', settle(1)), mover(retarget('y'))],
    faults: 1,
  },
  {
    name: 'K2',
    about: 'the target flips back while the partition is given up',
    before: started,
    processes: [member('x', settle(1)), member('y', settle()), mover(retarget('y'), retarget('x'))],
    faults: 0,
  },
  {
    name: 'K3',
    about: 'a slow heartbeat of the member that gains moves by an old target',
    before: started,
    processes: [
      member('x', settle()),
      member('y', settle()),
      mover(retarget('y'), retarget('x')),
      mover(stray('y')),
    ],
    faults: 0,
  },
  {
    name: 'K4',
    about: 'offsets are fetched while the partition goes over',
    before: started,
    processes: [member('x', settle(1)), member('y', settle(1)), mover(retarget('y')), mover(fetch)],
    faults: 0,
  },
  {
    name: 'K5',
    about: 'a member that is evicted commits, is refused, and joins again',
    before: [
      { process: 0, ops: [join, beat, commit] },
      { process: 1, ops: [join, beat] },
    ],
    processes: [member('z', commit, settle()), member('y', settle(1)), mover(look)],
    faults: 1,
  },
];

export const longGroupScenarios: readonly GroupScenario[] = [];
