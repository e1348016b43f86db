import { expect } from 'vitest';
import { afterEach } from 'vitest';
import { openUrl } from '../../../lib/client/http/open-url.ts';
import type { Transport } from '../../../lib/client/transport.ts';
import { OutcomeUnknown } from '../../../lib/engine/outcome-unknown.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import { encodeBatch } from '../../../lib/protocol/record-batch-encode.ts';

const open = new Set<Transport>();
afterEach(async () => {
  await Promise.all([...open].map((transport) => transport.close()));
  open.clear();
});

/** A transport over HTTP that is closed after the test. */
export function transportTo(...[url, options, clock]: Parameters<typeof openUrl>): Transport {
  const transport = openUrl(url, { requestTimeoutMs: 20_000, ...options }, clock);
  open.add(transport);
  return transport;
}

const record = { key: null, value: Buffer.from('v'), headers: [], timestamp: 5n };

/** A batch that the log does not know again. */
export const plain = Buffer.from(encodeBatch([record], { codec: 'none' }));
export const idempotent = Buffer.from(
  encodeBatch([record], {
    codec: 'none',
    producerId: 7n,
    producerEpoch: 0,
    baseSequence: 0,
  }),
);

export const append = (transport: Transport, batch: Uint8Array = plain) =>
  transport.produceBatch({ topic: 't', partition: 0, batch });

export const read = (transport: Transport, signal?: AbortSignal) =>
  transport.fetch({
    topic: 't',
    partition: 0,
    offset: 0n,
    minBytes: 1,
    maxWaitMs: 0,
    maxBytes: 1_000_000,
    ...(signal === undefined ? {} : { signal }),
  });

/** What was thrown, as one word: Kafka's name, or `unknown`, with whether repeating may duplicate. */
export async function ended(work: Promise<unknown>): Promise<readonly [string, string]> {
  const error: unknown = await work.then(
    (value) => new Error(`expected an error, got ${String(value)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof OutcomeUnknown) {
    return [error.retryMayDuplicate ? 'unknown, may duplicate' : 'unknown', error.message];
  }
  if (error instanceof ProtocolError) return [error.kafka, error.message];
  return [error instanceof Error ? error.name : 'no error', String(error)];
}

/** How a read, a write, and a write that may be repeated end. */
export async function endings(transport: Transport): Promise<readonly string[]> {
  const [reading] = await ended(read(transport));
  const [writing, message] = await ended(append(transport));
  const [numbered] = await ended(append(transport, idempotent));
  expect(message).toMatch(/\w/);
  return [reading, writing, numbered];
}
