import { expect, test } from 'vitest';
import { keepMaintained } from '../../lib/maintain/keep.ts';
import { put, startBroker } from '../broker/setup.ts';

test('does what is due, again and again, until it is stopped', async () => {
  const { broker, engine, clock } = startBroker();
  const stop = new AbortController();
  const errors: unknown[] = [];
  const keeping = keepMaintained(engine, stop.signal, (error) => errors.push(error));
  const left = async () => (await engine.catalog.readDue(clock.serviceNow())).length;
  await clock.run(
    (async () => {
      for (let round = 0; round < 3; round += 1) {
        await broker.createTopic({ name: `t${round}` });
        await put(broker, `t${round}`, 'x');
        await broker.deleteTopic(`t${round}`);
        expect(await left()).toBe(1);
        await clock.sleep(6_000);
        expect(await left()).toBe(0);
      }
      stop.abort();
      await keeping;
    })(),
  );
  expect(errors).toEqual([]);
  expect(clock.monotonic()).toBe(18_000);
});

test('tells of what fails, and goes on', async () => {
  const { engine, clock } = startBroker();
  const stop = new AbortController();
  const errors: string[] = [];
  let fails = 2;
  engine.catalog.readDue = async () => {
    fails -= 1;
    if (fails >= 0) throw new Error(`failure ${fails}`);
    return [];
  };
  const keeping = keepMaintained(engine, stop.signal, (error) => errors.push(String(error)));
  await clock.run(
    (async () => {
      await clock.sleep(11_000);
      stop.abort();
      await keeping;
    })(),
  );
  expect(errors).toEqual(['Error: failure 1', 'Error: failure 0']);
  expect(fails).toBe(-1);
});
