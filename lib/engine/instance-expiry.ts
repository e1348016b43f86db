import { isExpired } from '../core/instance/instance.ts';
import type { Engine } from './engine.ts';
import { performInstance, queryInstances } from './perform-instance.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { encodeDue } from '../store/due.ts';

/** The job behind the DUE items of a group's instances: `expireInstances`. */
export const instancesJob = 'instances';

/** Due times lie on a grid, so that the instances of a group share their items. */
const gridMs = 10 * 60 * 1_000;

/** Sees to it that the instances of a group are looked at when one of them may have expired. */
export async function putInstancesDue(engine: Engine, group: string, inMs: number): Promise<void> {
  const { table, clock, random } = engine.env;
  const dueMs = Math.ceil((clock.serviceNow() + inMs) / gridMs) * gridMs;
  const due = encodeDue({ dueMs, what: `${instancesJob}#${group}`, version: 0 });
  const deadline = engine.deadline();
  for (;;) {
    const outcome = await table.put(due, { kind: 'any' });
    if (outcome.kind === 'done') return;
    if (deadline.expired()) throw noAnswer();
    await clock.sleep(random.next() * 50);
  }
}

/**
 * Deletes the instances of a group that nobody has used for their time; their members' sessions end
 * by themselves. If some are left, the next look is due.
 */
export async function expireInstances(engine: Engine, group: string): Promise<void> {
  const { env } = engine;
  const found = await queryInstances(env, group);
  if (found.kind !== 'done') throw noAnswer();
  const nowMs = env.clock.serviceNow();
  const [gone, left] = [true, false].map((expired) =>
    found.value.filter((one) => isExpired(one, nowMs) === expired),
  );
  for (const { name, version } of gone ?? []) {
    // Whatever comes of it: one that is used again has another version, and stays.
    await performInstance(env, { kind: 'delete-instance', group, name, over: version });
  }
  const untilMs = (left ?? []).map(({ touchedMs, config }) => touchedMs + config.timeoutMs - nowMs);
  if (untilMs.length > 0) await putInstancesDue(engine, group, Math.min(...untilMs) + 1);
}

const noAnswer = (): ProtocolError =>
  new ProtocolError('KAFKA_STORAGE_ERROR', 'the table does not answer; try again');
