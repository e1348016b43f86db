import { deadlineIn } from '../../../lib/engine/deadlines.ts';
import { underLease } from '../../../lib/engine/lease.ts';
import { anyone, giveUp, expected, more, think } from './clients.ts';
import type { Work, Workload } from './clients.ts';
import { countUnder } from './guarded.ts';
import { Member } from './member.ts';
import type { Identity, Subscription } from './member.ts';

/** Groups of members, and how they work; the one of loners has none. */
export const mannerOf = (group: string): 'after' | 'before' =>
  Number(group.slice(1)) % 2 === 0 ? 'after' : 'before';

const groupsIn = ({ world }: Work): readonly string[] =>
  Array.from({ length: world.mix.groups }, (_, i) => `g${i}`);

export const anyGroup = (work: Work): string => work.world.random.pick(groupsIn(work));

function anySubscription({ world, topics }: Work): Subscription {
  const { random } = world;
  if (random.chance(0.3)) return { pattern: random.pick(['t.*', 't0', 't[0-4]', 'none']) };
  return topics.filter((_, i) => i === 0 || random.chance(0.6));
}

/**
 * A place where members come and go: each works on until it leaves, dies, or is frozen past its
 * session; the next one comes under a new id, or as the same static member.
 */
export const member: Workload = async (work, client) => {
  const { world } = work;
  const { random, mix, scheduler } = world;
  const group = anyGroup(work);
  const instanceId = random.chance(0.3) ? `i-${client}` : undefined;
  let count = 0;
  let present: Member | undefined;
  const begin = (): Member => {
    count += 1;
    const identity: Identity = {
      group,
      memberId: `${client}-${count}`,
      manner: mannerOf(group),
      subscription: anySubscription(work),
      ...(instanceId === undefined ? {} : { instanceId }),
    };
    return new Member(work, identity);
  };
  world.history.groups.manners.set(group, mannerOf(group));
  while (more(work)) {
    present ??= begin();
    await present.step();
    const fate = random.next();
    if (fate < 0.03) await present.leave(instanceId !== undefined && random.chance(0.7));
    else if (fate < 0.06) present.subscribe(anySubscription(work));
    // What it had under way may still arrive; nobody hears of it.
    if (present.over || random.chance(mix.memberDies)) present = undefined;
    if (random.chance(mix.memberFreezes)) {
      await scheduler.sleep(random.next() * 3 * Math.max(...mix.sessionMs));
    }
    await think(work);
  }
  if (present !== undefined) work.members.push(present);
};

/** Does some work under a lease, in some process. */
export const holder: Workload = async (work, client) => {
  const { world } = work;
  const { random, mix } = world;
  while (more(work)) {
    const resource = random.pick(['a', 'b']);
    const durationMs = random.pick(mix.leaseMs);
    const takeOver = random.chance(0.7);
    const pauses = Array.from({ length: random.int(1, 6) }, () => random.next() * durationMs);
    const text = `lease ${resource} ms=${durationMs} writes=${pauses.length}`;
    const answer = await world.call(client, await anyone(work), text, giveUp(work), ({ engine }) =>
      underLease(
        engine,
        { name: `job-${resource}`, durationMs, takeOver },
        deadlineIn(engine.env.clock, 3 * durationMs),
        (held) => countUnder(engine, resource, held, pauses),
      ),
    );
    if (answer.kind === 'error') expected(work, '', `${client} ${text}`, answer.error);
    if (answer.kind === 'value') world.trace.add(client, `told ${JSON.stringify(answer.value)}`);
    await think(work);
  }
};
