// HTTP APIs decode the path of a request before they pass it on, and so does the emulated REST API:
// no group of theirs has a slash in its name, nor, behind the latter, a percent sign.
import { expect, test } from 'vitest';
import { api, uniqueName } from '../api.ts';
import { beatUntil, Member } from '../members.ts';

const door = api();

test('a group may have slashes in its name, and so may a member', async () => {
  const topic = await door.topic();
  const group = `${uniqueName()}/a/b`;
  const path = `${door.cluster}/consumer-groups/${encodeURIComponent(group)}`;
  const member = new Member(door, group, { subscribed_topic_names: [topic] }, '/m/');
  await beatUntil([member], () => member.owned.length === 1);
  const { json } = await door.ask(`GET ${path}/consumers/%2Fm%2F/assignments`);
  expect(json).toMatchObject({ data: [{ consumer_group_id: group, consumer_id: '/m/' }] });
});

test('a group may have a percent sign in its name', async () => {
  const topic = await door.topic();
  const member = new Member(door, `${uniqueName()}%`, { subscribed_topic_names: [topic] });
  await beatUntil([member], () => member.owned.length === 1);
  const { json } = await member.commit({ [`${topic}/0`]: 1 });
  expect(json).toMatchObject({ topics: [{ partitions: [{ error_code: null }] }] });
});
