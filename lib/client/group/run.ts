import { together } from '../../engine/together.ts';
import type { Iteration } from '../consumer/iteration.ts';
import type { Reading } from '../consumer/reading.ts';
import type { Owned } from './owned.ts';

/** What was handed out, and of which partition. */
export interface Taken<T> {
  readonly value: T;
  readonly owned: Owned;
}

export interface Run<T> {
  readonly iteration: Iteration<Taken<T>>;
  readonly handle: (value: T) => Promise<void> | void;
  readonly concurrency: number;
  readonly reading: Pick<Reading<unknown, unknown>, 'place' | 'notify'>;
}

/**
 * Handlers side by side, one per partition at a time. What one throws ends all, and is thrown when
 * all have ended.
 */
export async function runHandlers<T>(run: Run<T>): Promise<void> {
  await together(Array.from({ length: run.concurrency }, () => work(run)));
}

async function work<T>({ iteration, handle, reading }: Run<T>): Promise<void> {
  for await (const { value, owned } of iteration) {
    try {
      await handle(value);
    } catch (error) {
      iteration.end();
      // Not processed: the next run begins with it.
      const { unfinished } = owned;
      if (unfinished !== undefined) reading.place(owned.reader, unfinished);
      throw error;
    } finally {
      owned.finish();
      owned.open();
      reading.notify();
    }
  }
}
