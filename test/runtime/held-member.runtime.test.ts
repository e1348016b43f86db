import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Deployment } from './deployment.ts';
import { createTopic, succeed } from './door.ts';
import { Gate, isMemberPut } from './gate.ts';
import { Gateway } from './gateway.ts';
import type { Request } from './gateway.ts';
import type { Sandbox } from './sandbox.ts';

// A function is frozen in the middle of a member's commit; meanwhile the group goes on. Whatever it
// does when it is thawed, an offset that somebody committed later stands.

const topic = 'held';

let deployment: Deployment;
/** To functions that nothing happens to. */
let gateway: Gateway;
/** To one that works behind a gate. */
let behindGate: Gateway;
let gate: Gate;
let sandbox: Sandbox;

const post = (path: string, body: object): Request => ({
  method: 'POST',
  path,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const commit = (group: string, epoch: number, offset: number, number: number): Request =>
  post(`/groups/${group}/offsets`, {
    member_id: 'first',
    generation_id_or_member_epoch: epoch,
    commit_number: number,
    topics: [{ name: topic, partitions: [{ partition_index: 0, committed_offset: offset }] }],
  });

async function beat(group: string, member: string, epoch: number, more: object = {}) {
  const body = { member_id: member, member_epoch: epoch, ...more };
  return (await succeed(gateway, post(`/groups/${group}/heartbeat`, body))) as {
    readonly member_epoch: number;
    readonly assignment: { readonly topic_partitions: readonly unknown[] };
  };
}

async function committed(group: string): Promise<unknown> {
  const answer = await succeed(gateway, post(`/groups/${group}/offsets:fetch`, {}));
  const [{ partitions } = { partitions: [] }] = (
    answer as { topics: { partitions: { committed_offset: number }[] }[] }
  ).topics;
  return partitions[0]?.committed_offset;
}

/** Joins, and beats until it has the partition. */
async function join(group: string, member: string): Promise<number> {
  const subscription = { subscribed_topic_names: [topic], session_timeout_ms: 60_000 };
  for (let epoch = 0, more: object = subscription, tries = 0; tries < 20; tries += 1, more = {}) {
    const told = await beat(group, member, epoch, more);
    if (told.assignment.topic_partitions.length > 0) return told.member_epoch;
    epoch = told.member_epoch;
  }
  throw new Error(`${member} gets nothing`);
}

const codeOf = (text: string | undefined): unknown =>
  (JSON.parse(text ?? '') as { topics: { partitions: { error_code: unknown }[] }[] }).topics[0]
    ?.partitions[0]?.error_code;

beforeAll(async () => {
  deployment = await Deployment.open();
  gateway = new Gateway({
    admin: [await deployment.add('admin')],
    consume: [await deployment.add('consume')],
  });
  gate = await Gate.open(inject('emulator'));
  const environment = { AWS_ENDPOINT_URL: gate.url };
  const held = await deployment.add('consume', { environment });
  behindGate = new Gateway({ consume: [held] });
  sandbox = await held.start();
  await createTopic(gateway, topic, 1);
});
afterAll(async () => {
  gate.close();
  await deployment.close();
});

describe.skipIf(process.platform !== 'linux')('a process frozen in the commit of a member', () => {
  test('that a later commit overtakes changes nothing when it is thawed', async () => {
    const epoch = await join('overtaken', 'first');
    const stopped = gate.stopNext('before', isMemberPut);
    const late = behindGate.ask(commit('overtaken', epoch, 5, 1));
    const letGo = await stopped;
    sandbox.hold();
    expect(codeOf((await gateway.ask(commit('overtaken', epoch, 7, 2)))?.text)).toBeNull();
    letGo();
    sandbox.release();
    // As if it had come first.
    expect(codeOf((await late)?.text)).toBeNull();
    expect(await committed('overtaken')).toBe(7);
    expect(sandbox.errors).toEqual([]);
  });

  test('whose partition is another member’s meanwhile is told so, and changes nothing', async () => {
    const epoch = await join('moved', 'first');
    const stopped = gate.stopNext('before', isMemberPut);
    const late = behindGate.ask(commit('moved', epoch, 5, 1));
    const letGo = await stopped;
    sandbox.hold();
    await beat('moved', 'first', -1);
    const second = await join('moved', 'second');
    const body = { ...JSON.parse(commit('moved', second, 7, 1).body ?? ''), member_id: 'second' };
    expect(codeOf((await gateway.ask(post('/groups/moved/offsets', body)))?.text)).toBeNull();
    letGo();
    sandbox.release();
    expect((await late)?.text).toMatch(/UNKNOWN_MEMBER_ID|40403/);
    expect(await committed('moved')).toBe(7);
    expect(sandbox.errors).toEqual([]);
  });

  test('that had been written, and is delivered again elsewhere, counts once', async () => {
    const epoch = await join('again', 'first');
    const id = randomUUID();
    const stopped = gate.stopNext('after', isMemberPut);
    const first = behindGate.ask(commit('again', epoch, 5, 1), undefined, id);
    const letGo = await stopped;
    sandbox.hold();
    const second = await gateway.ask(commit('again', epoch, 5, 1), undefined, id);
    expect(codeOf(second?.text)).toBeNull();
    expect(codeOf((await gateway.ask(commit('again', epoch, 9, 2)))?.text)).toBeNull();
    letGo();
    sandbox.release();
    expect(await first).toMatchObject({ status: 200, text: second?.text });
    expect(await committed('again')).toBe(9);
    expect(sandbox.errors).toEqual([]);
  });
});
