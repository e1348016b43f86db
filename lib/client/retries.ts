import type { Clock, Random } from '../ports/environment.ts';
import { errorByName, ProtocolError } from '../protocol/errors.ts';

/** Kafka's retry.backoff.ms, retry.backoff.max.ms and their jitter (KIP-580). */
const firstMs = 100;
const mostMs = 1_000;
const jitter = 0.2;

/** Time to wait before the next try, after `failures` that follow each other: 1, 2, … */
export function backoffMs(failures: number, random: Random): number {
  const ms = Math.min(mostMs, firstMs * 2 ** (failures - 1));
  return ms * (1 - jitter + 2 * jitter * random.next());
}

/**
 * True for what may pass: nothing happened, and the same request may be answered later. A topic
 * that is not there is no such case, other than in Kafka, whose brokers learn of one by and by.
 */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ProtocolError)) return false;
  const { kafka } = error;
  if (kafka === 'UNKNOWN_TOPIC_OR_PARTITION' || kafka === 'UNKNOWN_TOPIC_ID') return false;
  return kafka === 'NETWORK_EXCEPTION' || errorByName(kafka).retriable;
}

/** The same for what only reads: an answer that did not come in time may come the next time. */
export function readMayPass(error: unknown): boolean {
  if (!(error instanceof ProtocolError)) return false;
  if (error.kafka === 'CORRUPT_MESSAGE') return false;
  return error.kafka === 'REQUEST_TIMED_OUT' || mayPass(error);
}

/** How long what only reads is tried before somebody is told (Kafka's default.api.timeout.ms). */
const readMs = 60_000;

/** Reads, again if it may pass, until it is told or stopped. Throws the last error. */
export async function retryRead<T>(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  read: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const until = clock.monotonic() + readMs;
  for (let failures = 1; ; failures += 1) {
    try {
      return await read();
    } catch (error) {
      const over = clock.monotonic() >= until || signal?.aborted === true;
      if (over || !readMayPass(error)) throw error;
    }
    await clock.sleep(backoffMs(failures, random), signal);
  }
}
