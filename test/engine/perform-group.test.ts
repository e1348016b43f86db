import { expect, test } from 'vitest';
import { createMemoryTable } from '../../lib/adapters/memory/table.ts';
import type { GroupRequest } from '../../lib/core/group/requests.ts';
import { groupPerformer } from '../../lib/engine/perform-group.ts';
import type { MetadataTable } from '../../lib/ports/metadata-table.ts';
import { openTemporary } from '../adapters/directories.ts';
import {
  sampleMember,
  sampleOwnership,
  sampleState,
  sampleTarget,
} from '../store/group-samples.ts';
import { memoryEnv } from './memory-env.ts';
import { describeGroupPerformer } from './perform-group.contract.ts';

describeGroupPerformer('memory', async () => ({
  table: createMemoryTable(),
  close: async () => undefined,
}));
describeGroupPerformer('embedded', openTemporary);

const { group } = sampleState;
const { epoch, id } = sampleTarget;
const reads: readonly GroupRequest[] = [
  { kind: 'get-state', group },
  { kind: 'get-target', group, epoch, id },
  { kind: 'query-targets', group, upTo: epoch },
  { kind: 'find-member', group, name: 'm:one' },
  { kind: 'get-member', group, key: sampleMember.key },
  { kind: 'query-members', group },
  { kind: 'get-ownership', group, of: sampleOwnership },
  { kind: 'query-ownerships', group },
];
const writes: readonly GroupRequest[] = [
  { kind: 'put-state', state: sampleState },
  { kind: 'join', state: sampleState, member: { ...sampleMember, version: 0 } },
  { kind: 'put-target', target: sampleTarget },
  { kind: 'delete-target', group, epoch, id },
  { kind: 'put-member', member: sampleMember },
  { kind: 'delete-member', member: sampleMember },
  { kind: 'put-ownership', ownership: sampleOwnership },
];

const throttled = { kind: 'throttled' } as const;
const unknown = { kind: 'indeterminate', cause: 'timeout' } as const;
const passing = [throttled, { kind: 'unavailable', cause: 'socket' }] as const;
const endings = [...passing, unknown] as const;
const conflict = { kind: 'conflict' } as const;

/** A table with a target in it, of which some calls end in one way. */
async function tableThat(calls: Partial<MetadataTable>): Promise<MetadataTable> {
  const inner = createMemoryTable();
  const perform = groupPerformer(memoryEnv({ table: inner }));
  await perform({ kind: 'put-target', target: sampleTarget });
  return {
    get: (...args) => inner.get(...args),
    query: (...args) => inner.query(...args),
    put: (...args) => inner.put(...args),
    delete: (...args) => inner.delete(...args),
    append: (...args) => inner.append(...args),
    transact: (...args) => inner.transact(...args),
    ...calls,
  };
}

test.each(reads.flatMap((request) => passing.map((outcome) => ({ request, outcome }))))(
  'a read that is $outcome.kind is told so: $request.kind',
  async ({ request, outcome }) => {
    const table = await tableThat({ get: async () => outcome, query: async () => outcome });
    expect(await groupPerformer(memoryEnv({ table }))(request)).toEqual({
      kind: request.kind,
      outcome,
    });
  },
);

test.each(writes.flatMap((request) => endings.map((outcome) => ({ request, outcome }))))(
  'a write that is $outcome.kind is told so: $request.kind',
  async ({ request, outcome }) => {
    const ends = async () => outcome;
    const table = await tableThat({ put: ends, delete: ends, transact: ends });
    expect(await groupPerformer(memoryEnv({ table }))(request)).toEqual({
      kind: request.kind,
      outcome,
    });
  },
);

test('a join in the way of another write happened not at all, and is told so', async () => {
  const table = await tableThat({ transact: async () => conflict });
  const member = { ...sampleMember, version: 0 };
  const reply = await groupPerformer(memoryEnv({ table }))({
    kind: 'join',
    state: sampleState,
    member,
  });
  expect(reply.outcome).toEqual(conflict);
});

test('of parts that end differently, what nobody knows is told', async () => {
  let calls = 0;
  const table = await tableThat({
    put: async () => {
      calls += 1;
      return calls === 1 ? unknown : throttled;
    },
  });
  const partitions = Array.from({ length: 4_000 }, (_, partition) => ({
    topicId: sampleOwnership.topicId,
    partition: partition as (typeof sampleOwnership)['partition'],
  }));
  const members = Array.from({ length: 20 }, () => ({ key: sampleMember.key, partitions }));
  const reply = await groupPerformer(memoryEnv({ table }))({
    kind: 'put-target',
    target: { ...sampleTarget, members },
  });
  expect(calls).toBeGreaterThan(1);
  expect(reply.outcome).toEqual(unknown);
});

test('a change whose item was not read before needs it, and is told if it cannot be read', async () => {
  const table = await tableThat({ get: async () => throttled });
  for (const request of writes.filter(({ kind }) => ['put-state', 'join'].includes(kind))) {
    const reply = await groupPerformer(memoryEnv({ table }))(request);
    expect(reply.outcome).toEqual(throttled);
  }
});
