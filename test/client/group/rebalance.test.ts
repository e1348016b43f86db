import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { AssignedPartition } from '../../../lib/broker/group-types.ts';
import { Rebalance } from '../../../lib/client/group/rebalance.ts';
import type { TopicPartition } from '../../../lib/client/types.ts';

/** `1@3`: partition 1, granted in epoch 3. */
const grants = (text: string): AssignedPartition[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((one) => {
      const [partition, grantedIn] = one.split('@').map(Number);
      return { topic: 't', topicId: 'T', partition: partition ?? 0, grantedIn: grantedIn ?? 0 };
    });

const show = (all: readonly { partition: number; grantedIn: number }[]): string =>
  all.map(({ partition, grantedIn }) => `${partition}@${grantedIn}`).join(' ');

function start() {
  const told: string[] = [];
  const tell = (what: string) => (partitions: readonly TopicPartition[]) =>
    void told.push(`${what} ${partitions.map(({ partition }) => `${partition}`).join()}`);
  const nothing = (): void => undefined;
  const rebalance = new Rebalance({
    reading: { replace: nothing, resume: nothing, moved: nothing },
    offsetReset: 'beginning',
    onAssigned: tell('assigned'),
    onRevoked: tell('revoked'),
    onLost: tell('lost'),
    onRelease: () => void told.push('let go'),
    onFailure: (error) => void told.push(String(error)),
  });
  const apply = async (text: string): Promise<void> => {
    rebalance.apply(grants(text));
    await turn();
  };
  return { rebalance, told, apply };
}

test('what comes is told, what goes is told and let go', async () => {
  const { rebalance, told, apply } = start();
  await apply('0@1 1@1');
  await apply('0@1');
  expect(show(rebalance.held)).toBe('0@1');
  expect(show(rebalance.letGo)).toBe('1@1');
  rebalance.released(rebalance.letGo);
  await apply('0@1 1@3');
  expect(show(rebalance.letGo)).toBe('');
  expect(show(rebalance.held)).toBe('0@1 1@3');
  expect(told).toEqual(['assigned 0,1', 'revoked 1', 'let go', 'assigned 1']);
});

test('an answer to what was sent before it was let go does not bring it back', async () => {
  const { rebalance, told, apply } = start();
  await apply('0@1 1@1');
  await apply('0@1');
  await apply('0@1 1@1');
  expect(show(rebalance.held)).toBe('0@1');
  expect(show(rebalance.letGo)).toBe('1@1');
  // Somebody else had it meanwhile: there is nothing to let go of.
  await apply('0@1 1@4');
  expect(show(rebalance.held)).toBe('0@1 1@4');
  expect(show(rebalance.letGo)).toBe('');
  expect(told).toEqual(['assigned 0,1', 'revoked 1', 'let go', 'assigned 1']);
});

test('who goes waits for whoever works on it, and what comes back waits for it', async () => {
  const { rebalance, told, apply } = start();
  await apply('0@1');
  const [first] = rebalance.held;
  first?.handOut(5n);
  await apply('0@2 1@2');
  expect(first?.isLost).toBe(true);
  expect(told).toEqual(['assigned 0', 'assigned 1']);
  first?.finish();
  await turn();
  expect(told).toEqual(['assigned 0', 'assigned 1', 'lost 0', 'assigned 0']);
});

test('what is lost while it goes is told as lost, and not let go', async () => {
  const { rebalance, told, apply } = start();
  await apply('0@1 1@1');
  const [first] = rebalance.held;
  first?.handOut(5n);
  await apply('1@1');
  rebalance.loseAll();
  first?.finish();
  await turn();
  expect(told.filter((one) => one !== 'let go')).toEqual(['assigned 0,1', 'lost 0,1']);
  expect(show([...rebalance.held, ...rebalance.letGo])).toBe('');
});

test('closing lets all go, and takes nothing any more', async () => {
  const { rebalance, told, apply } = start();
  await apply('0@1 1@1');
  const closed = rebalance.close();
  await apply('0@1 1@1 2@2');
  await closed;
  expect(show(rebalance.held)).toBe('');
  expect(show(rebalance.letGo)).toBe('0@1 1@1');
  expect(told).toEqual(['assigned 0,1', 'revoked 0,1', 'let go']);
});
