import { groupJob } from '../core/group/listed-group.ts';
import { deleteTopicJob } from '../core/topic/mark-topic.ts';
import type { Due } from '../core/topic/topic.ts';
import type { Deadline } from '../engine/driver.ts';
import type { Engine } from '../engine/engine.ts';
import { lookAfterGroup } from '../engine/group-upkeep.ts';
import { expireInstances, instancesJob } from '../engine/instance-expiry.ts';
import { underLease } from '../engine/lease.ts';
import { finishDeletion } from '../engine/topic-deletion.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { topicId } from '../std/brands.ts';
import { subjectGroup } from '../store/group-listing.ts';

export interface PassResult {
  /** False: another process holds the lease, and does the work. */
  readonly ran: boolean;
  readonly done: number;
  /** Due, but not finished: the next pass goes on. */
  readonly left: number;
}

/** True when the subject needs nothing more, so that its DUE item may go. */
type Job = (engine: Engine, subject: string) => Promise<boolean>;

const jobs: Readonly<Record<string, Job>> = {
  [deleteTopicJob]: (engine, subject) => finishDeletion(engine, topicId(subject)),
  [instancesJob]: async (engine, group) => {
    await expireInstances(engine, group);
    return true;
  },
  [groupJob]: async ({ groups }, subject) => {
    await lookAfterGroup(groups, subjectGroup(subject));
    return true;
  },
};

const leaseName = 'maintain';
const leaseMs = 15_000;

/**
 * Does what is due, under a lease that only keeps processes from doing it twice. It reads
 * everything up to now without a cursor, and deletes each item, on its version, after the work.
 * When nothing is due, it writes nothing.
 * `takeOver`: wait for the lease of a holder that may have died (up to 15 s). `stop` ends that wait;
 * the deadline must be over with it.
 */
export async function maintainOnce(
  engine: Engine,
  deadline: Deadline,
  { takeOver, stop }: { readonly takeOver: boolean; readonly stop?: AbortSignal },
): Promise<PassResult> {
  const read = () => engine.catalog.readDue(engine.env.clock.serviceNow());
  if ((await read()).length === 0) return { ran: true, done: 0, left: 0 };
  const input = { name: leaseName, durationMs: leaseMs, takeOver, ...(stop && { stop }) };
  const ended = await underLease(engine, input, deadline, async ({ lost }) => {
    let done = 0;
    let left = 0;
    // Read again: whoever held the lease before may have done it all.
    const found = await read();
    for (const due of found) {
      if (deadline.expired() || lost.aborted) {
        return { ran: true, done, left: found.length - done };
      }
      if (await work(engine, due)) done += 1;
      else left += 1;
    }
    return { ran: true, done, left };
  });
  return ended.kind === 'worked' ? ended.value : { ran: false, done: 0, left: 0 };
}

/** One job that the store does not answer must not keep the others from being done. */
function whenNoAnswer(error: unknown): boolean {
  if (error instanceof ProtocolError) return false;
  throw error;
}

async function work(engine: Engine, due: Due): Promise<boolean> {
  const [job = '', subject = ''] = due.what.split('#');
  const run = jobs[job];
  // A job of a newer release: that one will do it.
  if (run === undefined) return false;
  const finished = await run(engine, subject).catch(whenNoAnswer);
  if (finished) await engine.catalog.deleteDue(due);
  engine.env.metrics.count(finished ? 'due_done' : 'due_left');
  return finished;
}
