import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import type { GroupConsumer, GroupConsumerOptions } from '../../../lib/client/index.ts';
import { record } from '../../broker/setup.ts';
import { failureOf, take } from '../suite-support.ts';
import { startWorld } from './world.ts';
import type { Process, World } from './world.ts';

type Member = GroupConsumer<Buffer | null, Buffer | null>;

/** A member of `g`, which says what it is told of. */
function join(
  { client }: Process,
  options: Partial<GroupConsumerOptions<Buffer | null, Buffer | null>> = {},
): Member & { readonly told: string[] } {
  const told: string[] = [];
  const tell = (what: string) => (partitions: readonly { readonly partition: number }[]) =>
    void told.push(`${what} ${partitions.map(({ partition }) => `${partition}`).join()}`);
  const consumer = client.consumer({
    group: 'g',
    topics: ['t'],
    onAssigned: tell('assigned'),
    onRevoked: tell('revoked'),
    onLost: tell('lost'),
    ...options,
  });
  return Object.assign(consumer, { told });
}

const committedIn = async ({ broker, clock }: World): Promise<(bigint | undefined)[]> => {
  const fetched = await clock.run(broker.fetchOffsets({ group: 'g' }));
  return fetched
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ committed }) => committed?.offset);
};

describe('heartbeats', () => {
  test('every five seconds, while a handler runs long, with what was processed meanwhile', async () => {
    const world = await startWorld(1, 3);
    const { clock } = world;
    const process = world.process();
    const member = join(process);
    let handled = 0;
    const running = member.run({
      eachRecord: async () => {
        handled += 1;
        await clock.sleep(60_000);
      },
    });
    await clock.run(clock.sleep(100_000));
    expect(handled).toBe(2);
    expect(process.beats.length).toBeGreaterThanOrEqual(19);
    expect(process.beats.length).toBeLessThanOrEqual(25);
    expect(new Set(process.beats.slice(1).map(({ memberEpoch }) => memberEpoch)).size).toBe(1);
    expect(process.commits).toEqual([]);
    expect(await committedIn(world)).toEqual([1n]);
    expect(member.told).toEqual(['assigned 0']);
    await clock.run(member.close());
    await clock.run(running);
    // The second one had its time; the third was not begun.
    expect(handled).toBe(2);
    expect(await committedIn(world)).toEqual([2n]);
    expect(process.beats.at(-1)).toMatchObject({ memberEpoch: -1 });
  });

  test('without an answer it goes on under its name; a repeated join is one member', async () => {
    const world = await startWorld(2, 1);
    const { clock, broker } = world;
    const process = world.process();
    process.fates.push('applied', 'lost', { late: 2_000 }, 'refused');
    const member = join(process);
    expect(await clock.run(take(2, member))).toHaveLength(2);
    expect(new Set(process.beats.map(({ memberId }) => memberId)).size).toBe(1);
    expect((await clock.run(broker.describeGroup('g'))).memberList).toHaveLength(1);
    expect(process.beats[0]?.memberId).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-/,
    );
    await clock.run(member.close());
    expect((await clock.run(broker.describeGroup('g'))).memberList).toEqual([]);
  });

  test('what may not pass is told, and what it held is lost', async () => {
    const world = await startWorld(1, 5);
    const { clock } = world;
    const process = world.process();
    const member = join(process);
    const records = member.records();
    await clock.run(records.next());
    const { transport } = process;
    Object.assign(transport, {
      heartbeat: async () => {
        throw new ProtocolError('GROUP_AUTHORIZATION_FAILED');
      },
    });
    const told = failureOf(
      (async () => {
        for (;;) {
          const { done } = await records.next();
          if (done === true) return;
        }
      })(),
    );
    expect(await clock.run(told)).toMatchObject({ kafka: 'GROUP_AUTHORIZATION_FAILED' });
    await clock.run(clock.sleep(1));
    expect(member.told).toEqual(['assigned 0', 'lost 0']);
    expect(member.assignment).toEqual([]);
    await clock.run(member.close());
  });
});

describe('fencing', () => {
  test('who was not heard of for a session hands out nothing, and learns that it lost all', async () => {
    const world = await startWorld(2, 50);
    const { clock } = world;
    const frozen = world.process();
    const other = world.process();
    const first = join(frozen, { sessionTimeoutMs: 6_000, maxBytes: 1 });
    const records = first.records();
    for (let i = 0; i < 4; i += 1) await clock.run(records.next());
    // Nothing of it arrives from now on, as if its process stood still.
    frozen.fates.push(...Array.from({ length: 40 }, () => 'lost' as const));
    const second = join(other, { sessionTimeoutMs: 6_000 });
    const others = take(20, second);
    await clock.run(clock.sleep(4_000));
    const before = await clock.run(records.next());
    expect(before.done).toBe(false);
    await clock.run(clock.sleep(20_000));
    let isHeld = true;
    const next = records.next().then((result) => {
      isHeld = false;
      return result;
    });
    await clock.run(clock.sleep(1_000));
    expect(isHeld).toBe(true);
    frozen.fates.length = 0;
    await clock.run(others);
    await clock.run(next);
    expect(first.told[0]).toMatch(/^assigned/);
    expect(first.told[1]).toMatch(/^lost/);
    expect(first.told[2]).toMatch(/^assigned/);
    const ids = new Set(frozen.beats.map(({ memberId }) => memberId));
    expect(ids.size).toBe(2);
    await clock.run(first.close());
    await clock.run(second.close());
  });

  test('an answer of long ago says nothing of now', async () => {
    const world = await startWorld(1, 5);
    const { clock } = world;
    const process = world.process();
    const member = join(process, { sessionTimeoutMs: 6_000 });
    process.fates.push({ slow: 7_000 }, { slow: 30_000 });
    let isHeld = true;
    const first = member
      .records()
      .next()
      .finally(() => {
        isHeld = false;
      });
    // It joined, and is told so when its session is over.
    await clock.run(clock.sleep(20_000));
    expect(isHeld).toBe(true);
    await clock.run(first);
    expect(member.told.at(-1)).toBe('assigned 0');
    await clock.run(member.close());
  });

  test('a commit of who was fenced is refused, and it comes back', async () => {
    const world = await startWorld(1, 5);
    const { clock, broker } = world;
    const process = world.process();
    const member = join(process, { autoCommit: false });
    const records = member.records();
    await clock.run(records.next());
    const memberId = process.beats[0]?.memberId ?? '';
    await clock.run(broker.heartbeat({ group: 'g', memberId, memberEpoch: -1 }));
    expect(await clock.run(failureOf(member.commit()))).toMatchObject({
      kafka: 'UNKNOWN_MEMBER_ID',
    });
    // From the beginning: nothing was committed.
    const again = await clock.run(records.next());
    expect(again).toMatchObject({ value: { offset: 0n } });
    expect(member.told).toEqual(['assigned 0', 'lost 0', 'assigned 0']);
    await clock.run(member.close());
  });
});

describe('commits', () => {
  test('a repeated commit keeps its number, and what came later stands', async () => {
    const world = await startWorld(1, 5);
    const { clock } = world;
    const process = world.process();
    const member = join(process, { autoCommit: false });
    const records = member.records();
    await clock.run(records.next());
    process.fates.push({ late: 3_000 }, 'applied', 'refused');
    await clock.run(member.commit());
    expect(new Set(process.commits.map(({ commitNumber }) => commitNumber)).size).toBe(1);
    expect(process.commits.length).toBe(4);
    await clock.run(records.next());
    await clock.run(member.commit());
    expect(process.commits.at(-1)?.commitNumber).toBe(2);
    await clock.run(clock.sleep(5_000));
    expect(await committedIn(world)).toEqual([2n]);
    await clock.run(member.close());
  });

  test('nobody knows for a minute: the outcome is unknown', async () => {
    const world = await startWorld(1, 5);
    const { clock } = world;
    const process = world.process();
    const member = join(process, { autoCommit: false });
    await clock.run(take(1, member));
    process.fates.push(...Array.from({ length: 200 }, () => 'lost' as const));
    const failed = await clock.run(failureOf(member.commit()));
    expect(failed).toMatchObject({ name: 'OutcomeUnknown' });
    process.fates.length = 0;
    await clock.run(member.close());
  });

  test('refused the second time: what became of the first is unknown', async () => {
    const world = await startWorld(1, 5);
    const { clock, broker } = world;
    const process = world.process();
    const member = join(process, { autoCommit: false });
    await clock.run(take(1, member));
    const memberId = process.beats[0]?.memberId ?? '';
    await clock.run(broker.heartbeat({ group: 'g', memberId, memberEpoch: -1 }));
    process.fates.push('lost');
    const failed = await clock.run(failureOf(member.commit()));
    expect(process.commits).toHaveLength(2);
    expect(failed).toMatchObject({ name: 'OutcomeUnknown' });
    await clock.run(member.close());
  });

  test('what is sought back is committed, nothing else goes back', async () => {
    const world = await startWorld(1, 5);
    const { clock } = world;
    const member = join(world.process());
    const records = member.records();
    for (let i = 0; i < 4; i += 1) await clock.run(records.next());
    await clock.run(member.commit([{ topic: 't', partition: 0, offset: 4n }]));
    await clock.run(clock.sleep(6_000));
    // Three are processed; that somebody committed four stands.
    expect(await committedIn(world)).toEqual([4n]);
    await clock.run(member.seek({ topic: 't', partition: 0 }, { offset: 1 }));
    await clock.run(clock.sleep(6_000));
    expect(await committedIn(world)).toEqual([1n]);
    await clock.run(member.close());
  });
});

test('a topic that is made anew under its name is another: from its beginning', async () => {
  const world = await startWorld(1, 5);
  const { clock, broker } = world;
  const process = world.process();
  const member = join(process);
  const records = member.records();
  for (let i = 0; i < 5; i += 1) await clock.run(records.next());
  const next = records.next();
  await clock.run(clock.sleep(6_000));
  expect(await committedIn(world)).toEqual([5n]);
  await clock.run(broker.deleteTopic('t'));
  await clock.run(broker.createTopic({ name: 't' }));
  const values = Array.from({ length: 7 }, (_, i) => record(`new ${i}`));
  await clock.run(broker.produce({ topic: 't', records: values }));
  const { value } = await clock.run(next);
  expect(String(value?.value)).toBe('new 0');
  await clock.run(clock.sleep(6_000));
  const ids = process.beats.flatMap(({ owned = [] }) => owned.map(({ topicId }) => topicId));
  expect(new Set(ids).size).toBe(2);
  await clock.run(member.close());
  expect(member.told.filter((text) => text.startsWith('assigned'))).toHaveLength(2);
});

describe('revocation', () => {
  test('waits for the handler, tells, commits with the heartbeat that lets go', async () => {
    const world = await startWorld(2, 1);
    const { clock } = world;
    const process = world.process();
    let atWork = 0;
    const member = join(process, {
      onRevoked: (partitions) => {
        member.told.push(`revoked ${partitions.length}, at work ${atWork}`);
      },
    });
    const running = member.run({
      concurrency: 2,
      eachRecord: async () => {
        atWork += 1;
        await clock.sleep(30_000);
        atWork -= 1;
      },
    });
    await clock.run(clock.sleep(2_000));
    const other = join(world.process());
    const theirs = other.records().next();
    await clock.run(clock.sleep(20_000));
    // Both are worked on: whatever is to go stays until then.
    expect(process.beats.at(-1)?.owned).toHaveLength(2);
    expect(member.told).toEqual(['assigned 0,1']);
    await clock.run(clock.sleep(20_000));
    expect(member.told).toEqual(['assigned 0,1', 'revoked 1, at work 0']);
    const letGo = process.beats.find(({ owned }, at) => at > 1 && owned?.length === 1);
    expect(letGo).toMatchObject({
      offsets: [{ offset: 1n }, { offset: 1n }].slice(0, letGo?.offsets?.length),
    });
    expect(letGo?.offsets?.length).toBeGreaterThan(0);
    expect(await committedIn(world)).toEqual([1n, 1n]);
    expect(other.told).toHaveLength(1);
    await clock.run(member.close());
    await running;
    await clock.run(other.close());
    await theirs;
  });

  test('what a listener throws ends the iteration; the partitions go all the same', async () => {
    const world = await startWorld(2, 1);
    const { clock } = world;
    const member = join(world.process(), {
      onRevoked: () => {
        throw new Error('no');
      },
    });
    await clock.run(take(2, member));
    const waiting = failureOf(member.records().next());
    const other = join(world.process());
    const theirs = other.records().next();
    expect(await clock.run(waiting)).toMatchObject({ message: 'no' });
    await clock.run(clock.sleep(10_000));
    expect([member.assignment.length, other.assignment.length]).toEqual([1, 1]);
    await clock.run(member.close());
    await clock.run(other.close());
    await theirs;
  });
});

test('a group that does not answer does not keep it from closing', async () => {
  const world = await startWorld(1, 1);
  const { clock } = world;
  const process = world.process();
  const member = join(process);
  await clock.run(take(1, member));
  process.fates.push(...Array.from({ length: 500 }, () => 'refused' as const));
  const before = clock.monotonic();
  await clock.run(member.close());
  expect(clock.monotonic() - before).toBeLessThan(25_000);
  expect(await failureOf(member.commit())).toMatchObject({ name: 'ClosedError' });
  expect(() => member.records()).toThrow('the consumer is closed');
});
