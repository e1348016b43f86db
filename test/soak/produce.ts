import { setTimeout as sleep } from 'node:timers/promises';
import { json, string } from '../../lib/client/index.ts';
import type { Client } from '../../lib/client/index.ts';
import { recordAt } from './records.ts';
import type { Place } from './records.ts';

export interface ProduceOptions {
  readonly topic: string;
  readonly records: number;
  /** Evenly over so many ms. */
  readonly ms: number;
  readonly signal: AbortSignal;
}

const stepMs = 50;
/** A prime: the data set goes country by country, which would leave most partitions without records. */
const stride = 99_991;

/** Rejects if anything is not acknowledged in the end. */
export async function produceEvenly(
  client: Client,
  { topic, records, ms, signal }: ProduceOptions,
): Promise<void> {
  await using producer = client.producer({
    key: string,
    value: json<Place>(),
    lingerMs: 100,
  });
  const failures: unknown[] = [];
  const began = performance.now();
  for (let sent = 0; sent < records && failures.length === 0;) {
    signal.throwIfAborted();
    const due = Math.min(records, Math.ceil((records * (performance.now() - began)) / ms));
    for (; sent < due; sent += 1) {
      const record = recordAt((sent * stride) % records);
      void producer.send({ topic, ...record }).catch((error) => failures.push(error));
      await producer.room({ signal });
    }
    await sleep(stepMs);
  }
  await producer.flush({ signal });
  if (failures.length > 0) throw new Error('records were refused', { cause: failures[0] });
}
