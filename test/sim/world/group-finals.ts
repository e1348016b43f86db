import type { Topic } from '../../../lib/core/topic/topic.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import type { GroupEnd } from '../checker/group-history.ts';
import type { Work } from './clients.ts';
import { mannerOf } from './groups.ts';
import { Member } from './member.ts';
import type { Subscription } from './member.ts';
import type { Running } from './world.ts';

/** The longest session, a point of the maintenance grid, and time to find everything out. */
const settleMsMax = 1_500_000;

/**
 * After the last fault: members that are left go on, one more comes to each group that asks for
 * everything, and in the end each group has done all its work. Notes how things stand then.
 */
export async function settleGroups(work: Work, fresh: Running): Promise<void> {
  const { world } = work;
  const names = [...world.history.groups.manners.keys()];
  if (names.length === 0) return;
  for (const group of names) {
    const identity = { group, memberId: `last-${group}`, manner: mannerOf(group) };
    work.members.push(new Member(work, { ...identity, subscription: { pattern: 't.*' } }));
  }
  const stop = new AbortController();
  const going = Promise.all(work.members.map((member) => goOn(work, member, stop.signal)));
  const untilMs = world.scheduler.nowMs + settleMsMax;
  let ends = await endsOf(work, fresh, names);
  while (world.scheduler.nowMs < untilMs && !ends.every((end) => isDone(work, end))) {
    await world.scheduler.sleep(2_000);
    if (isQuiet(work)) ends = await endsOf(work, fresh, names);
  }
  world.history.groups.ends.push(...ends);
  stop.abort();
  await going;
}

async function goOn({ world }: Work, member: Member, stop: AbortSignal): Promise<void> {
  while (!stop.aborted && !member.over) {
    await member.step();
    await world.scheduler.sleep(world.random.next() * 2_000);
  }
}

const isQuiet = ({ members }: Work): boolean =>
  members.every((member) => member.over || member.isIdle);

function isDone({ members }: Work, { group, status, listed, partitions }: GroupEnd): boolean {
  if (status !== 'stable' || !listed) return false;
  return partitions.every(({ log, owners, end }) => {
    if (owners.length !== 1) return false;
    return members.some((member) =>
      member.owned.some(
        (one) =>
          member.identity.group === group &&
          `${one.topicId}/${one.partition}` === log &&
          one.position === end &&
          one.known === end,
      ),
    );
  });
}

async function endsOf(
  work: Work,
  { broker }: Running,
  groups: readonly string[],
): Promise<readonly GroupEnd[]> {
  const topics = await broker.listTopics();
  const listed = await broker.listGroups();
  const ends: GroupEnd[] = [];
  for (const group of groups) {
    const status = await statusOf(broker, group);
    const live = work.members.filter((one) => one.identity.group === group && !one.over);
    ends.push({
      group,
      status,
      listed: listed.some((one) => one.group === group),
      members: live.map((one) => ({
        member: one.memberId,
        topics: topics.map(({ name }) => name).filter((name) => isAskedFor(one.subscription, name)),
      })),
      partitions: await partitionsOf(broker, topics, live),
    });
  }
  return ends;
}

/** `none`: nobody has joined yet. */
async function statusOf(broker: Running['broker'], group: string): Promise<string> {
  try {
    return (await broker.describeGroup(group)).status;
  } catch (error) {
    if (error instanceof ProtocolError && error.kafka === 'GROUP_ID_NOT_FOUND') return 'none';
    throw error;
  }
}

const isAskedFor = (subscription: Subscription, name: string): boolean =>
  'pattern' in subscription
    ? new RegExp(`^(?:${subscription.pattern})$`).test(name)
    : subscription.includes(name);

async function partitionsOf(
  broker: Running['broker'],
  topics: readonly Topic[],
  live: readonly Member[],
): Promise<GroupEnd['partitions']> {
  const partitions: GroupEnd['partitions'][number][] = [];
  for (const { id, name: topic, partitions: count } of topics) {
    for (let partition = 0; partition < count; partition += 1) {
      const log = `${id}/${partition}`;
      const { offset: end } = await broker.listOffset({ topic, partition, at: 'latest' });
      const owners = live
        .filter(({ owned }) => owned.some((one) => `${one.topicId}/${one.partition}` === log))
        .map(({ memberId }) => memberId);
      partitions.push({ topic, log, owners, end });
    }
  }
  return partitions;
}
