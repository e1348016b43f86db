import type { Client } from './rounds.ts';
import type { Held } from './slow.ts';
import { WorkerProcess } from './worker-process.ts';

export interface SlowPlan {
  readonly topicBytes: number;
  readonly recordBytes: number;
  readonly ms: number;
}

export interface SlowConsumer extends Held {
  readonly row: string;
  readonly topicBytes: number;
}

/** The log in the client's own memory says nothing of a consumer; an emulator takes too long. */
const rows = ['http', 'directory', 'kafkajs', 'platformatic'];
const topic = 'slow';
/** How long a topic may take to be filled. */
const fillMs = 45_000;

/**
 * A consumer of each row that takes its time, all at once, on a topic that is much larger than what
 * it may hold. Each is a process that has done nothing before. Stops the clients it is given.
 */
export async function slowConsumers(
  clients: readonly Client[],
  { topicBytes, recordBytes, ms }: SlowPlan,
): Promise<readonly SlowConsumer[]> {
  const slow = clients.filter(({ row }) => rows.includes(row.name));
  const limit = { ms: fillMs, records: Math.ceil(topicBytes / recordBytes) };
  const filled = await Promise.all(
    slow.map(async ({ row, worker }) => {
      const name = `${topic}-${row.target.kind}`;
      const records = await worker.fill(name, recordBytes, limit);
      return { row, topic: name, topicBytes: records * recordBytes };
    }),
  );
  await Promise.all(clients.map(({ worker }) => worker.stop()));
  return Promise.all(
    filled.map(async ({ row, topic: name, topicBytes: bytes }) => {
      const worker = await WorkerProcess.start(row.name, row.target, row.env);
      const held = await worker.slow(name, ms);
      await worker.stop();
      return { ...held, row: row.name, topicBytes: bytes };
    }),
  );
}
