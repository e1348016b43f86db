import { randomBytes } from 'node:crypto';
import type { Ids, Random } from '../../ports/environment.ts';
import { commandId, topicId } from '../../std/brands.ts';

export const systemRandom: Random = { next: () => Math.random() };

/** Drawn from the system at once: a draw costs as much as the rest of a small commit's names. */
const drawnBytes = 4_096;

/** Names from the system's secure randomness; the prefix is drawn once per call. */
export function createIds(): Ids {
  let drawn = randomBytes(drawnBytes);
  let used = 0;
  const take = (bytes: number): Buffer => {
    if (used + bytes > drawnBytes) {
      drawn = randomBytes(drawnBytes);
      used = 0;
    }
    used += bytes;
    return drawn.subarray(used - bytes, used);
  };
  const processPrefix = take(3).toString('hex');
  return {
    processPrefix,
    command: () => commandId(processPrefix + take(5).toString('hex')),
    topic: () => topicId(take(16).toString('base64url')),
    object: () => take(8).toString('hex'),
  };
}
