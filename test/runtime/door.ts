import type { Answer, Gateway, Request } from './gateway.ts';

const json = { 'content-type': 'application/json', accept: 'application/json' };

/** One request that must succeed, since nothing is at fault: what its answer says. */
export async function succeed(gateway: Gateway, request: Request): Promise<unknown> {
  const answer: Answer | undefined = await gateway.ask({ headers: json, ...request });
  if (answer !== undefined && answer.status < 300) return JSON.parse(answer.text);
  throw new Error(`expected success request=${request.path} answer=${JSON.stringify(answer)}`);
}

export async function createTopic(
  gateway: Gateway,
  topic: string,
  partitions: number,
): Promise<void> {
  const clusters = await succeed(gateway, { method: 'GET', path: '/v3/clusters' });
  const { cluster_id: cluster } = (clusters as { data: [{ cluster_id: string }] }).data[0];
  await succeed(gateway, {
    method: 'POST',
    path: `/v3/clusters/${cluster}/topics`,
    body: JSON.stringify({ topic_name: topic, partitions_count: partitions }),
  });
}
