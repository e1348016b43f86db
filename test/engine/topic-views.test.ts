import { expect, test } from 'vitest';
import { startBroker } from '../broker/setup.ts';

test('what no topic can be called is no topic', async () => {
  const { broker, engine, clock } = startBroker();
  const names = ['', '.', 'a/b', 'é', '\u0000', 'x'.repeat(250), 'x'.repeat(5_000)];
  const found = await clock.run(
    (async () => {
      await broker.createTopic({ name: 't' });
      return engine.groups.topics.freshOf([...names, 't', 'u']);
    })(),
  );
  expect([...found.byName.keys()]).toEqual(['t']);
});
