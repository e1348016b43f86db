import type { TopicSettings } from '../core/topic/topic-settings.ts';
import { ProtocolError } from '../protocol/errors.ts';

/** So that its difference to a base of −1 is an int64, too. */
const timestampMax = 2n ** 63n - 2n;

/**
 * INVALID_TIMESTAMP for a CreateTime too far from now (KIP-937). Not checked with LogAppendTime,
 * nor for −1, which means that there is none.
 */
export function checkTimestamp(timestamp: bigint, settings: TopicSettings, now: bigint): void {
  if (settings.timestampType !== 'create' || timestamp === -1n) return;
  if (timestamp < 0n || timestamp > timestampMax) {
    throw new ProtocolError(
      'INVALID_TIMESTAMP',
      `expected milliseconds since 1970, 0 … 2^63−2: timestamp=${timestamp}`,
    );
  }
  const early = now - timestamp > settings.timestampBeforeMaxMs;
  const late = timestamp - now > settings.timestampAfterMaxMs;
  if (!early && !late) return;
  const [config, bound] = early
    ? ['message.timestamp.before.max.ms', settings.timestampBeforeMaxMs]
    : ['message.timestamp.after.max.ms', settings.timestampAfterMaxMs];
  throw new ProtocolError(
    'INVALID_TIMESTAMP',
    `timestamp is further from now than the topic allows: ${config}=${bound} now=${now} timestamp=${timestamp}`,
  );
}
