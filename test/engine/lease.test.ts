import { expect, test } from 'vitest';
import { deadlineIn } from '../../lib/engine/deadlines.ts';
import { underLease } from '../../lib/engine/lease.ts';
import type { HeldLease, UnderLease } from '../../lib/engine/lease.ts';
import { another, startBroker } from '../broker/setup.ts';
import type { Started } from '../broker/setup.ts';
import { decodeLease, leaseKey } from '../../lib/store/lease.ts';

const durationMs = 9_000;

function under<T>(
  { engine, clock }: Started,
  work: (held: HeldLease) => Promise<T>,
  takeOver = false,
): Promise<UnderLease<T>> {
  const input = { name: 'job', durationMs, takeOver };
  return underLease(engine, input, deadlineIn(clock, 60_000), work);
}

const epochOf = async ({ epoch }: HeldLease): Promise<number> => epoch;

async function ownerIn({ env }: Started): Promise<string | undefined> {
  const found = await env.table.get(leaseKey('job'), { consistent: true });
  return found.kind === 'done' && found.value ? decodeLease(found.value).owner : undefined;
}

type Put = Started['env']['table']['put'];

interface Apart extends Started {
  instead: ((put: Put) => Put) | undefined;
}

/** Another process, whose puts go through `instead` from when it is set. */
function apart(started: Started): Apart {
  const { table } = started.env;
  const real: Put = (item, condition) => table.put(item, condition);
  const put: Put = (...args) => (own.instead?.(real) ?? real)(...args);
  const handler: ProxyHandler<typeof table> = {
    get: (of, name) => (name === 'put' ? put : (Reflect.get(of, name) as Put).bind(of)),
  };
  const env = { ...started.env, table: new Proxy(table, handler) };
  const own: Apart = { ...another({ ...started, env }), instead: undefined };
  return own;
}

test('each holder has a higher number than the one before, and leaves the lease free', async () => {
  const one = startBroker();
  expect(await one.clock.run(under(one, epochOf))).toEqual({ kind: 'worked', value: 1 });
  expect(await ownerIn(one)).toBe('');
  expect(await one.clock.run(under(another(one), epochOf))).toEqual({ kind: 'worked', value: 2 });
  expect(one.clock.monotonic()).toBe(0);
});

test('it is renewed as long as the work goes on', async () => {
  const one = startBroker();
  const long = under(one, async ({ lost }) => {
    await one.clock.sleep(10 * durationMs);
    return lost.aborted;
  });
  const heir = another(one);
  const other = under(heir, epochOf, true);
  const [held, taken] = await one.clock.run(Promise.all([long, other]));
  expect(held).toEqual({ kind: 'worked', value: false });
  expect(taken).toEqual({ kind: 'taken' });
});

test('two works of one process exclude each other', async () => {
  const one = startBroker();
  const long = under(one, () => one.clock.sleep(durationMs));
  const ends = await one.clock.run(Promise.all([long, under(one, epochOf)]));
  expect(ends.map(({ kind }) => kind)).toEqual(['worked', 'taken']);
});

test('work that fails leaves it free, and fails', async () => {
  const one = startBroker();
  const failed = under(one, () => Promise.reject(new Error('work')));
  await expect(one.clock.run(failed)).rejects.toThrow('work');
  expect(await ownerIn(one)).toBe('');
});

test('a holder that cannot renew it is told in time, and does not end the next one', async () => {
  const one = startBroker();
  const holder = apart(one);
  const told: number[] = [];
  const long = under(holder, async ({ lost }) => {
    holder.instead = () => async () => ({ kind: 'unavailable', cause: 'test' });
    lost.addEventListener('abort', () => told.push(one.clock.monotonic()));
    await one.clock.sleep(3 * durationMs);
  });
  const next = under(
    one,
    async ({ epoch }) => {
      await one.clock.sleep(5 * durationMs);
      return epoch;
    },
    true,
  );
  await one.clock.run(long);
  expect(told).toEqual([durationMs]);
  expect(await ownerIn(one)).not.toBe('');
  expect(await one.clock.run(next)).toEqual({ kind: 'worked', value: 2 });
});

test('a renewal that hangs is none', async () => {
  const one = startBroker();
  const holder = apart(one);
  const aborted = await one.clock.run(
    under(holder, async ({ lost }) => {
      holder.instead =
        (put) =>
        async (...args) => {
          await one.clock.sleep(20 * durationMs);
          return put(...args);
        };
      await one.clock.sleep(durationMs);
      return lost.aborted;
    }),
  );
  expect(aborted).toEqual({ kind: 'worked', value: true });
});

test('who finds another in its place has lost it, and leaves that one alone', async () => {
  const one = startBroker();
  const holder = apart(one);
  const frozen = under(holder, async ({ epoch, lost }) => {
    // So late that its time is over by any clock.
    holder.instead =
      (put) =>
      async (...args) => {
        await one.clock.sleep(3 * durationMs);
        return put(...args);
      };
    await one.clock.sleep(2 * durationMs);
    expect(await under(one, epochOf, true)).toEqual({ kind: 'worked', value: epoch + 1 });
    await one.clock.sleep(3 * durationMs);
    return lost.aborted;
  });
  expect(await one.clock.run(frozen)).toEqual({ kind: 'worked', value: true });
  const found = await one.env.table.get(leaseKey('job'), { consistent: true });
  const left = found.kind === 'done' && found.value && decodeLease(found.value);
  expect(left).toMatchObject({ epoch: 2, owner: '' });
});
