import { expect, test } from 'vitest';
import { brokerTransport } from '../../lib/client/broker-transport.ts';
import { ClosedError } from '../../lib/client/errors.ts';
import { startBroker } from '../broker/setup.ts';

test('closing wakes fetches, awaits what is under way, and lets go of the stores last', async () => {
  const { broker, clock } = startBroker();
  await broker.createTopic({ name: 't' });
  const events: string[] = [];
  const transport = brokerTransport(
    {
      ...broker,
      listTopics: async () => {
        await clock.sleep(1_000);
        events.push('listed');
        return broker.listTopics();
      },
    },
    async () => void events.push('released'),
  );
  const input = {
    topic: 't',
    partition: 0,
    offset: 0n,
    minBytes: 1,
    maxWaitMs: 20_000,
    maxBytes: 1,
  };
  const fetched = transport.fetch(input).then(() => events.push('fetched'));
  const listed = transport.listTopics();
  const closed = transport.close();
  expect(transport.close()).toBe(closed);
  await clock.run(closed);
  await Promise.all([fetched, listed]);
  expect(events).toEqual(['fetched', 'listed', 'released']);
  expect(clock.monotonic()).toBe(1_000);
  await expect(transport.clusterId()).rejects.toThrow(ClosedError);
});

test('a call that fails does not keep it open', async () => {
  const { broker, clock } = startBroker();
  const transport = brokerTransport(broker, async () => undefined);
  const failed = transport.describeTopic('missing');
  await Promise.all([
    expect(failed).rejects.toMatchObject({ kafka: 'UNKNOWN_TOPIC_OR_PARTITION' }),
    clock.run(transport.close()),
  ]);
});
