import { expect, test } from 'vitest';
import type { Client } from '../../lib/client/types.ts';
import { errorOf } from '../broker/setup.ts';
import { newTopic, sendAll } from './suite-support.ts';

export function adminTests(client: () => Client): void {
  test('the cluster has an id that stays', async () => {
    const id = await client().admin.clusterId();
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(await client().admin.clusterId()).toBe(id);
  });

  test('topics are created, listed, described, grown and deleted', async () => {
    const { admin } = client();
    const name = await newTopic(client(), { partitions: 2 });
    expect(await admin.describeTopic(name)).toEqual({ name, partitions: 2 });
    expect(await admin.listTopics()).toContainEqual({ name, partitions: 2 });
    const names = (await admin.listTopics()).map((topic) => topic.name);
    expect(names).toEqual(names.toSorted());
    await admin.createPartitions(name, 5);
    expect(await admin.describeTopic(name)).toEqual({ name, partitions: 5 });
    await admin.deleteTopic(name);
    expect(await errorOf(admin.describeTopic(name))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect((await admin.listTopics()).map((topic) => topic.name)).not.toContain(name);
  });

  test('what cannot be created says why, and what is only checked is not created', async () => {
    const { admin } = client();
    const name = await newTopic(client());
    const failed = (topic: Parameters<typeof admin.createTopic>[0]) =>
      errorOf(admin.createTopic(topic));
    expect(await failed({ name })).toBe('TOPIC_ALREADY_EXISTS');
    expect(await failed({ name: 'not a name' })).toBe('INVALID_TOPIC_EXCEPTION');
    expect(await failed({ name: `${name}-x`, partitions: 0 })).toBe('INVALID_PARTITIONS');
    const configs = { 'retention.ms': 'soon' };
    expect(await failed({ name: `${name}-x`, configs })).toBe('INVALID_CONFIG');
    await admin.createTopic({ name: `${name}-x`, partitions: 3, validateOnly: true });
    expect(await errorOf(admin.describeTopic(`${name}-x`))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await errorOf(admin.createPartitions(name, 1))).toBe('INVALID_PARTITIONS');
    const missing = 'UNKNOWN_TOPIC_OR_PARTITION';
    expect(await errorOf(admin.deleteTopic(`${name}-x`))).toBe(missing);
    expect(await errorOf(admin.createPartitions(`${name}-x`, 2))).toBe(missing);
    expect(await errorOf(admin.describeConfigs(`${name}-x`))).toBe(missing);
    expect(await errorOf(admin.alterConfigs(`${name}-x`, []))).toBe(missing);
  });

  test('configs are described with their defaults, set, reset and refused', async () => {
    const { admin } = client();
    const name = await newTopic(client(), { configs: { 'retention.ms': '86400000' } });
    const config = async (wanted: string) =>
      (await admin.describeConfigs(name)).find((entry) => entry.name === wanted);
    expect(await config('retention.ms')).toEqual({
      name: 'retention.ms',
      value: '86400000',
      isDefault: false,
    });
    expect(await config('cleanup.policy')).toMatchObject({ value: 'delete', isDefault: true });
    await admin.alterConfigs(name, [
      { name: 'retention.ms', op: 'DELETE', value: null },
      { name: 'cleanup.policy', op: 'APPEND', value: 'compact' },
    ]);
    expect(await config('retention.ms')).toMatchObject({ value: '604800000', isDefault: true });
    expect(await config('cleanup.policy')).toMatchObject({ value: 'delete,compact' });
    const wrong = admin.alterConfigs(name, [{ name: 'retention.ms', op: 'SET', value: 'x' }]);
    expect(await errorOf(wrong)).toBe('INVALID_CONFIG');
  });

  test('offsets by place and by time', async () => {
    const { admin } = client();
    const topic = await newTopic(client());
    const at = { topic, partition: 0 };
    const base = Date.now() - 100_000;
    expect(await admin.listOffset(at, 'max-timestamp')).toMatchObject({ offset: -1n });
    const times = [base, base + 2_000, base + 1_000];
    await sendAll(
      client(),
      times.map((timestamp) => ({ ...at, timestamp })),
    );
    expect(await admin.listOffset(at, 'beginning')).toMatchObject({ offset: 0n });
    expect(await admin.listOffset(at, 'end')).toMatchObject({ offset: 3n });
    const latest = { offset: 1n, timestamp: BigInt(base + 2_000) };
    expect(await admin.listOffset(at, 'max-timestamp')).toEqual(latest);
    expect(await admin.listOffset(at, base + 1)).toEqual(latest);
    expect(await admin.listOffset(at, new Date(base))).toMatchObject({ offset: 0n });
    expect(await admin.listOffset(at, BigInt(base + 2_001))).toMatchObject({ offset: -1n });
    const missing = admin.listOffset({ topic, partition: 1 }, 'end');
    expect(await errorOf(missing)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await errorOf(admin.listOffset(at, -5))).toBe('INVALID_TIMESTAMP');
  });
}
