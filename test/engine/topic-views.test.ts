import { expect, test } from 'vitest';
import { World } from './budget-world.ts';

/** Two processes: one that makes topics, and one that remembers a list of them. */
function twoProcesses() {
  const world = new World();
  const [maker, reader] = [world.start(), world.start()];
  const { topics } = reader.engine.groups;
  return { world, maker: maker.broker, topics };
}

test('a list is recent for ten seconds', async () => {
  const { world, maker, topics } = twoProcesses();
  const names = async () => (await topics.recent()).all.map(({ name }) => name);
  expect(await names()).toEqual([]);
  await maker.createTopic({ name: 'a', partitions: 3 });
  world.clock.ms += 9_999;
  expect(await names()).toEqual([]);
  world.clock.ms += 1;
  expect(await names()).toEqual(['a']);
  expect((await world.bill(() => topics.recent())).reads).toBe(0);
});

test('what a list does not know is read at once, however recent it is', async () => {
  const { world, maker, topics } = twoProcesses();
  await topics.recent();
  await maker.createTopic({ name: 'a' });
  const { byName } = await topics.recent((list) => list.byName.has('a'));
  expect([...byName.keys()]).toEqual(['a']);
  const unknown = await world.bill(() => topics.known((list) => list.byName.has('b')));
  expect(unknown.reads).toBe(1);
});

test('to tell names from ids any list will do that knows them', async () => {
  const { world, maker, topics } = twoProcesses();
  await maker.createTopic({ name: 'a' });
  await topics.recent();
  world.clock.ms += 1e9;
  const known = await world.bill(() => topics.known((list) => list.byName.has('a')));
  expect(known.reads).toBe(0);
});

test('of a few names only these are read, and what is deleted is not there', async () => {
  const { world, maker, topics } = twoProcesses();
  for (const name of ['a', 'b', 'c']) await maker.createTopic({ name });
  await maker.deleteTopic('b');
  const names = ['a', 'b', 'a', 'never'];
  const read = await world.bill(async () => {
    const { byName } = await topics.freshOf(names);
    expect([...byName.keys()]).toEqual(['a']);
  });
  expect(read.reads).toBe(3);
  expect((await topics.freshOf([])).byName.size).toBe(0);
});

test('a topic that was deleted, or is being deleted, is in no list', async () => {
  const { maker, topics } = twoProcesses();
  const { id } = await maker.createTopic({ name: 'a' });
  expect((await topics.fresh()).byId.get(id)?.name).toBe('a');
  await maker.deleteTopic('a');
  const list = await topics.fresh();
  expect([list.all, list.byName.has('a'), list.byId.has(id)]).toEqual([[], false, false]);
});
