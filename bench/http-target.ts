import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { OpenTarget } from './engine-target.ts';

const bin = fileURLToPath(new URL('../bin/tailrace.js', import.meta.url));

export interface Server extends OpenTarget {
  readonly startMs: number;
  /** Resident memory of the server process now, MiB; NaN where the system does not say. */
  residentMiB(): number;
}

/** The server as users start it, in a process of its own, and HTTP to it. */
export async function httpTarget(directory: string): Promise<Server> {
  const begin = performance.now();
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0', '--data', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const startMs = performance.now() - begin;
  const url = line.replace('listening on ', '');
  const cluster = (await json(await fetch(`${url}/health`)))['cluster_id'] as string;
  return {
    startMs,
    residentMiB: () => residentMiB(child),
    async create(topic_name, partitions_count) {
      await post(`${url}/v3/clusters/${cluster}/topics`, 'application/json', {
        topic_name,
        partitions_count,
      });
    },
    async produce(topic, partition, batch, recordBytes) {
      const record = { value: Buffer.alloc(recordBytes, 7).toString('base64') };
      const records = Array.from({ length: batch }, () => record);
      const path = `${url}/topics/${topic}/partitions/${partition}`;
      await post(path, 'application/vnd.kafka.binary.v2+json', { records });
      return batch;
    },
    async fetch(topic, partition, offset) {
      const path = `${url}/topics/${topic}/partitions/${partition}/records`;
      const answer = await fetch(`${path}?offset=${offset}&max_bytes=1048576`, {
        headers: { accept: 'application/vnd.kafka.binary.v2+json' },
      });
      return ((await answer.json()) as unknown[]).length;
    },
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function json(answer: Response): Promise<Record<string, unknown>> {
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

async function post(url: string, type: string, body: unknown): Promise<void> {
  const headers = { 'content-type': type };
  await json(await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }));
}

function residentMiB({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  } catch {
    return NaN;
  }
}
