import { expect, test } from 'vitest';
import type { Environment } from '../../lib/ports/environment.ts';
import { append, Deployed } from './setup.ts';
import { writtenLines } from './written-lines.ts';

// A frozen process goes on, when it is thawed, with whatever it was busy with. So when a call is
// answered, no call of a store may be under way, and none may follow.

writtenLines();

/** Calls of the stores that take some time, counted while they do; `refuse` may end one otherwise. */
class Slow {
  underWay = 0;
  made = 0;
  refuse: (method: string, args: readonly unknown[]) => object | undefined = () => undefined;

  readonly env = (env: Environment): Environment => ({
    ...env,
    table: this.#slow(env.table, env),
    objects: this.#slow(env.objects, env),
  });

  #slow<Port extends object>(port: Port, { clock, random }: Environment): Port {
    return new Proxy(port, {
      get:
        (target, name) =>
        async (...args: unknown[]): Promise<unknown> => {
          this.underWay += 1;
          this.made += 1;
          try {
            await clock.sleep(1 + 20 * random.next());
            const refused = this.refuse(String(name), args);
            if (refused !== undefined) return refused;
            const method = Reflect.get(target, name) as (...all: unknown[]) => Promise<unknown>;
            return await method.apply(target, args);
          } finally {
            this.underWay -= 1;
          }
        },
    });
  }

  /** What is under way now, and what still begins however long one waits. */
  async rest({ clock }: Deployed): Promise<{ readonly underWay: number; readonly begun: number }> {
    const { made, underWay } = this;
    await clock.drain();
    return { underWay, begun: this.made - made };
  }
}

const nothing = { underWay: 0, begun: 0 };

test('appending: also where a spill goes beside it', async () => {
  const deployed = new Deployed();
  await deployed.createTopic('t');
  const slow = new Slow();
  let objects = 0;
  slow.refuse = (method, [key]) => {
    if (method === 'put' && typeof key === 'string') objects += 1;
    return undefined;
  };
  const produce = deployed.function('produce', slow.env);
  // Each of these fills a slot.
  for (let i = 0; i < 80; i += 1) {
    const answer = await deployed.ask(produce, append('t', 'x'.repeat(2_000)));
    expect(answer.statusCode).toBe(200);
    expect(await slow.rest(deployed)).toEqual(nothing);
  }
  expect(objects).toBeGreaterThan(0);
});

test('a large batch, and one that is refused while others are on their way', async () => {
  const deployed = new Deployed();
  await deployed.createTopic('t', 4);
  const slow = new Slow();
  const produce = deployed.function('produce', slow.env);
  await deployed.ask(produce, append('t', 'x'.repeat(100_000)));
  expect(await slow.rest(deployed)).toEqual(nothing);
  // One partition answers at once that it cannot; the others take their time.
  let first = true;
  slow.refuse = () => {
    const refused = first ? { kind: 'unavailable', cause: 'today' } : undefined;
    first = false;
    return refused;
  };
  const records = [0, 1, 2, 3].map((partition) => ({ partition, value: 'x'.repeat(100_000) }));
  await deployed.ask(produce, {
    line: 'POST /topics/t',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ records }),
  });
  expect(await slow.rest(deployed)).toEqual(nothing);
});

test('a failure among things that are done side by side', async () => {
  const deployed = new Deployed();
  await deployed.createTopic('t', 40);
  const slow = new Slow();
  const admin = deployed.function('admin', slow.env);
  const health = await deployed.ask(admin, { line: 'GET /health' });
  const { cluster_id: id } = JSON.parse(health.body) as { cluster_id: string };
  // One of 40 partitions fails at once, when others are on their way and most not yet begun.
  slow.refuse = (_method, args) => {
    if (JSON.stringify(args[0]).includes('#7"')) throw new Error('a bug in one partition');
    return undefined;
  };
  const answer = await deployed.ask(admin, { line: `DELETE /v3/clusters/${id}/topics/t` });
  expect(answer.statusCode).toBe(500);
  expect(await slow.rest(deployed)).toEqual(nothing);
});

test('reading', async () => {
  const deployed = new Deployed();
  await deployed.createTopic('t');
  const produce = deployed.function('produce');
  for (let i = 0; i < 3; i += 1) {
    await deployed.ask(produce, append('t', 'x'.repeat(10_000)));
  }
  const slow = new Slow();
  const fetch = deployed.function('fetch', slow.env);
  slow.refuse = (method, [key]) => {
    if (method === 'get' && typeof key === 'string') throw new Error('a bug in one of three reads');
    return undefined;
  };
  const call = { line: 'GET /topics/t/partitions/0/records?offset=0&timeout=5000' };
  expect((await deployed.ask(fetch, call)).statusCode).toBe(500);
  expect(await slow.rest(deployed)).toEqual(nothing);
  slow.refuse = () => undefined;
  expect((await deployed.ask(fetch, call)).statusCode).toBe(200);
  expect(await slow.rest(deployed)).toEqual(nothing);
  await deployed.ask(fetch, { ...call, line: call.line.replace('offset=0', 'offset=3') });
  expect(await slow.rest(deployed)).toEqual(nothing);
});
