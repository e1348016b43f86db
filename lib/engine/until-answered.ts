import type { Environment } from '../ports/environment.ts';
import type { Item } from '../ports/metadata-table.ts';
import type { ConditionalOutcome, ReadOutcome } from '../ports/outcome.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { Deadline } from './driver.ts';

const pauseMs = 50;

/** Reads until an answer comes. KAFKA_STORAGE_ERROR when time is up. */
export async function readUntilAnswered<T>(
  { clock, random }: Environment,
  deadline: Deadline,
  call: () => Promise<ReadOutcome<T>>,
): Promise<T> {
  for (;;) {
    const outcome = await call();
    if (outcome.kind === 'done') return outcome.value;
    if (deadline.expired()) throw noAnswer(outcome.kind);
    await clock.sleep(random.next() * pauseMs);
  }
}

/** Writes what may be written again, until it is certain, or time is up. */
export async function writeUntilAnswered(
  { clock, random }: Environment,
  deadline: Deadline,
  call: () => Promise<ConditionalOutcome<undefined, Item>>,
): Promise<ConditionalOutcome<undefined, Item>> {
  for (;;) {
    const outcome = await call();
    const certain = outcome.kind === 'done' || outcome.kind === 'condition-failed';
    if (certain || deadline.expired()) return outcome;
    await clock.sleep(random.next() * pauseMs);
  }
}

export const noAnswer = (kind: string): ProtocolError =>
  new ProtocolError('KAFKA_STORAGE_ERROR', `the store does not answer: ${kind}`);
