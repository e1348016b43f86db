import { randomBytes } from 'node:crypto';
import type { Ids, Random } from '../../ports/environment.ts';
import { commandId, topicId } from '../../std/brands.ts';

export const systemRandom: Random = { next: () => Math.random() };

/** Names from the system's secure randomness; the prefix is drawn once per call. */
export function createIds(): Ids {
  const processPrefix = randomBytes(3).toString('hex');
  return {
    processPrefix,
    command: () => commandId(processPrefix + randomBytes(5).toString('hex')),
    topic: () => topicId(randomBytes(16).toString('base64url')),
    object: () => randomBytes(8).toString('hex'),
  };
}
