import { damage, readAll, violations } from './chaos-check.ts';
import { idempotentClient, keyedClient, plainClient, reader, topic } from './chaos-clients.ts';
import type { History } from './chaos-clients.ts';
import { chaosWorld } from './chaos-world.ts';
import type { ChaosWorld } from './chaos-world.ts';

async function clients(world: ChaosWorld, history: History): Promise<void> {
  let over = false;
  const readers = [1, 2].map(() => reader(world, history, () => over));
  const kinds = [plainClient, plainClient, idempotentClient, idempotentClient, keyedClient];
  await Promise.all(kinds.map((client, i) => client(world, history, `c${i}`)));
  over = true;
  await Promise.all(readers);
}

interface ChaosRun {
  readonly wrong: readonly string[];
  readonly print: string;
  readonly history: History;
}

/** One history from beginning to end: what is wrong with it, and a fingerprint of all of it. */
export async function chaos(seed: number): Promise<ChaosRun> {
  const world = chaosWorld(seed);
  const { clock } = world;
  const history: History = { told: [], seen: [], wrong: [] };
  const run = async () => {
    const created = await world.start().broker.createTopic({ name: topic, partitions: 2 });
    world.storm = true;
    await clients(world, history);
    world.storm = false;
    return created.id;
  };
  const id = await clock.run(run());
  await clock.drain();
  const end = async () => {
    const fresh = world.start();
    // Nothing is stuck: each partition still takes a record.
    for (const partition of [0, 1]) {
      const record = {
        partition,
        key: null,
        value: Buffer.from(`last.${partition}:`),
        headers: [],
      };
      const [answer] = await fresh.broker.produce({ topic, records: [record] });
      if (answer?.ok !== true) history.wrong.push(`stuck: ${JSON.stringify(answer)}`);
    }
    const logs = [await readAll(fresh, 0), await readAll(fresh, 1)];
    const errors = world.errors.map((error) => `background: ${String(error)}`);
    const wrong = [...violations(history, logs), ...errors, ...(await damage(world, id))];
    return {
      wrong,
      print: JSON.stringify([logs, clock.monotonic(), history.seen.length]),
      history,
    };
  };
  return clock.run(end());
}
