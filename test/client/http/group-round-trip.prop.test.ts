// Whatever a broker is asked and answers, a client over HTTP asks and is answered the same.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Committed,
  FetchedOffset,
  GroupBroker,
  GroupDescription,
  GroupListing,
  Heartbeat,
  HeartbeatInput,
  OffsetReset,
  PartitionLag,
  PartitionOutcome,
} from '../../../lib/broker/group-types.ts';
import { openUrl } from '../../../lib/client/http/open-url.ts';
import type { Transport } from '../../../lib/client/transport.ts';
import { OutcomeUnknown } from '../../../lib/engine/outcome-unknown.ts';
import { startHttpServer } from '../../../lib/local/http-server.ts';
import type { HttpServer } from '../../../lib/local/http-server.ts';
import { errorByCode, ProtocolError } from '../../../lib/protocol/errors.ts';
import { FakeBroker } from '../../http/fake-broker.ts';

const broker = new FakeBroker();
let server: HttpServer;
let transport: Transport;
beforeAll(async () => {
  server = await startHttpServer({ broker, host: '127.0.0.1', port: 0, log: () => undefined });
  transport = openUrl(server.url, { requestTimeoutMs: 20_000 });
});
afterAll(async () => {
  await transport.close();
  await server.close();
});

/** Any text, dots and slashes, letters and none, but no half of a pair. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('.', '..', 'a/b', '/', 'a b', '%', '%2F', 'x:y', '#', '?', 'é', '\u0000'),
);
const named = text.filter((name) => name !== '');
const int32 = fc.nat(2 ** 31 - 1);
const epoch = fc.integer({ min: -1, max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const at = { topic: text, partition: int32 };
const whole = fc.record(at);
const withId = fc.record({ ...at, topicId: text }, { requiredKeys: ['topic', 'partition'] });
const someOf = <T extends { readonly topic: string; readonly partition: number }>(
  one: fc.Arbitrary<T>,
) =>
  fc.uniqueArray(one, {
    maxLength: 8,
    selector: ({ topic, partition }) => `${partition} ${topic}`,
  });
const committed: fc.Arbitrary<Committed> = fc.record({
  offset: int64,
  leaderEpoch: epoch,
  metadata: text,
});
const errorName = fc
  .integer({ min: 1, max: 133 })
  .map((code) => errorByCode(code)?.name ?? 'UNKNOWN_SERVER_ERROR');
const failed = fc.record({ ...at, error: errorName, message: text });
const outcomes: fc.Arbitrary<PartitionOutcome[]> = someOf(fc.oneof(whole, failed));

const offsets = someOf(
  fc.record(
    { ...at, topicId: text, offset: int64, leaderEpoch: epoch, metadata: text },
    { requiredKeys: ['topic', 'partition', 'offset'] },
  ),
);
const subscription = fc.oneof(
  fc.array(text, { maxLength: 4 }),
  text.map((pattern) => ({ pattern })),
);
const assignor = fc.constantFrom('range', 'round-robin', 'sticky', 'uniform');

const heartbeatInput: fc.Arbitrary<HeartbeatInput> = fc.record(
  {
    group: named,
    memberId: named,
    memberEpoch: fc.integer({ min: -2, max: 2 ** 31 - 1 }),
    lastEpoch: int32,
    instanceId: text,
    clientId: text,
    clientHost: text,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: int32,
    subscription,
    assignor,
    owned: someOf(withId),
    offsets,
    commitNumber: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  },
  { requiredKeys: ['group', 'memberId', 'memberEpoch'] },
);

const heartbeat: fc.Arbitrary<Heartbeat> = fc.record({
  memberEpoch: fc.integer({ min: -2, max: 2 ** 31 - 1 }),
  heartbeatIntervalMs: int32,
  assignment: someOf(
    fc
      .record(
        { ...at, grantedIn: int32, committed },
        { requiredKeys: ['topic', 'partition', 'grantedIn'] },
      )
      .map((one) => ({ ...one, topicId: `id of ${one.topic}` })),
  ),
  committed: outcomes,
});

const commitInput = fc.record(
  {
    group: named,
    member: fc.record(
      { memberId: named, instanceId: text, memberEpoch: int32 },
      { requiredKeys: ['memberId', 'memberEpoch'] },
    ),
    offsets,
    commitNumber: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  },
  { requiredKeys: ['group', 'offsets'] },
);

const fetchInput = fc.record(
  { group: named, partitions: someOf(whole) },
  { requiredKeys: ['group'] },
);
const namedPartitions = someOf(whole).filter((list) => list.length > 0);

const fetchedOffsets: fc.Arbitrary<FetchedOffset[]> = someOf(
  fc.oneof(
    fc.record({ ...at, committed }, { requiredKeys: ['topic', 'partition'] }),
    fc.record({ ...at, error: errorName }),
  ),
);

const listing: fc.Arbitrary<GroupListing> = fc.record({
  group: named,
  status: fc.constantFrom('empty', 'reconciling', 'stable'),
  members: int32,
  assignor,
});
const who = { memberId: named, instanceId: text, clientId: text, clientHost: text };
const whoIsNeeded = ['memberId', 'clientId', 'clientHost'] as const;
const member = fc.record(
  {
    ...who,
    subscription,
    assignment: someOf(whole),
    target: someOf(whole),
    beatMs: fc.maxSafeNat(),
  },
  { requiredKeys: [...whoIsNeeded, 'subscription', 'assignment', 'target', 'beatMs'] },
);
const description: fc.Arbitrary<GroupDescription> = fc
  .record({
    listing,
    epoch: int32,
    memberList: fc.uniqueArray(member, { maxLength: 4, selector: ({ memberId }) => memberId }),
  })
  .map(({ listing: head, epoch: groupEpoch, memberList }) => ({
    ...head,
    epoch: groupEpoch,
    members: memberList.length,
    memberList,
  }));

const lags: fc.Arbitrary<PartitionLag[]> = someOf(
  fc
    .record(
      {
        ...at,
        committed,
        logEndOffset: int64,
        member: fc.record(who, { requiredKeys: [...whoIsNeeded] }),
      },
      { requiredKeys: ['topic', 'partition', 'logEndOffset'] },
    )
    .map((one) => (one.committed === undefined ? one : { ...one, lag: one.logEndOffset })),
);

const resetTarget = fc.oneof(
  fc.constantFrom({ kind: 'earliest' } as const, { kind: 'latest' } as const),
  int64.map((timestamp) => ({ kind: 'timestamp', timestamp }) as const),
  int64.map((offset) => ({ kind: 'offset', offset }) as const),
  fc
    .bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })
    .map((by) => ({ kind: 'shift', by }) as const),
);
const resetInput = fc.record(
  {
    group: named,
    of: fc.array(
      fc.record(
        { topic: text, partitions: fc.array(int32, { maxLength: 4 }) },
        { requiredKeys: ['topic'] },
      ),
      { maxLength: 3 },
    ),
    to: resetTarget,
    dryRun: fc.boolean(),
  },
  { requiredKeys: ['group', 'to', 'dryRun'] },
);
const resets: fc.Arbitrary<OffsetReset[]> = someOf(
  fc.oneof(
    fc.record({ ...at, before: int64, after: int64 }, { requiredKeys: ['topic', 'partition'] }),
    fc.record(
      { ...at, before: int64, error: errorName, message: text },
      { requiredKeys: ['topic', 'partition', 'error', 'message'] },
    ),
  ),
);

/** What the broker was given, and what came back of what it answered. */
async function through<Name extends keyof GroupBroker>(
  method: Name,
  args: Parameters<GroupBroker[Name]>,
  told: Awaited<ReturnType<GroupBroker[Name]>>,
): Promise<readonly [unknown, unknown]> {
  broker.told[method] = told as never;
  broker.asked.length = 0;
  const call = transport[method] as (...given: unknown[]) => Promise<unknown>;
  const answer = await call.apply(transport, args);
  const [asked] = broker.asked;
  expect([broker.asked.length, asked?.method]).toEqual([1, method]);
  return [asked?.args, answer];
}

/** By what an answer puts in order. */
const byKey = <T>(list: readonly T[], keyOf: (one: T) => string): T[] =>
  list.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

const runs = { numRuns: 60 };

describe('over HTTP, as in process, goes', () => {
  test('a heartbeat', () =>
    fc.assert(
      fc.asyncProperty(heartbeatInput, heartbeat, async (input, told) => {
        expect(await through('heartbeat', [input], told)).toEqual([[input], told]);
      }),
      runs,
    ));

  test('a commit', () =>
    fc.assert(
      fc.asyncProperty(commitInput, outcomes, async (input, told) => {
        expect(await through('commitOffsets', [input], told)).toEqual([[input], told]);
      }),
      runs,
    ));

  test('reading offsets', () =>
    fc.assert(
      fc.asyncProperty(fetchInput, fetchedOffsets, async (input, told) => {
        expect(await through('fetchOffsets', [input], told)).toEqual([[input], told]);
      }),
      runs,
    ));

  test('a list of groups', () =>
    fc.assert(
      fc.asyncProperty(fc.array(listing, { maxLength: 5 }), async (told) => {
        expect(await through('listGroups', [], told)).toEqual([[], told]);
      }),
      runs,
    ));

  test('a description', () =>
    fc.assert(
      fc.asyncProperty(description, async (told) => {
        broker.told.describeGroup = told;
        broker.asked.length = 0;
        const answer = await transport.describeGroup(told.group);
        const memberList = byKey(told.memberList, ({ memberId }) => memberId);
        expect(answer).toEqual({ ...told, memberList });
        expect(broker.asked.map(({ args }) => args)).toEqual([[told.group], [told.group]]);
      }),
      runs,
    ));

  test('lag', () =>
    fc.assert(
      fc.asyncProperty(named, lags, async (group, told) => {
        const inOrder = byKey(told, ({ topic, partition }) =>
          [topic, String(partition).padStart(10, '0')].join(' '),
        );
        expect(await through('groupLag', [group], told)).toEqual([[group], inOrder]);
      }),
      runs,
    ));

  test('a deletion of a group, and of offsets', () =>
    fc.assert(
      fc.asyncProperty(named, namedPartitions, outcomes, async (group, partitions, told) => {
        expect(await through('deleteGroup', [group], undefined)).toEqual([[group], undefined]);
        expect(await through('deleteOffsets', [group, partitions], told)).toEqual([
          [group, partitions],
          told,
        ]);
      }),
      runs,
    ));

  test('a reset', () =>
    fc.assert(
      fc.asyncProperty(resetInput, resets, async (input, told) => {
        expect(await through('resetOffsets', [input], told)).toEqual([[input], told]);
      }),
      runs,
    ));

  test('an error of every name, and an unknown outcome', async () => {
    const beat = () => transport.heartbeat({ group: 'g', memberId: 'm', memberEpoch: 1 });
    for (let code = 1; code <= 133; code += 1) {
      const { name, http } = errorByCode(code) ?? {};
      if (name === undefined || http?.error_code === 50_401) continue;
      broker.told.heartbeat = new ProtocolError(name, `because ${code}`);
      const error: unknown = await beat().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kafka: name, message: `because ${code}` });
      expect(error).not.toBeInstanceOf(OutcomeUnknown);
    }
    broker.told.heartbeat = new OutcomeUnknown('m', false);
    expect(await beat().catch((thrown: unknown) => thrown)).toEqual(new OutcomeUnknown('m', false));
  });
});

describe('what is never sent', () => {
  test.each(['', '\ud800'])('a group of the name %j', async (group) => {
    broker.asked.length = 0;
    const calls = [
      transport.heartbeat({ group, memberId: 'm', memberEpoch: 0 }),
      transport.commitOffsets({ group, offsets: [] }),
      transport.fetchOffsets({ group }),
      transport.describeGroup(group),
      transport.groupLag(group),
      transport.deleteGroup(group),
      transport.deleteOffsets(group, []),
      transport.resetOffsets({ group, to: { kind: 'latest' }, dryRun: true }),
    ];
    for (const call of calls)
      await expect(call).rejects.toMatchObject({ kafka: 'INVALID_GROUP_ID' });
    expect(broker.asked).toEqual([]);
  });
});
