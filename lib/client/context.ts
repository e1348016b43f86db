import type { Clock, Random } from '../ports/environment.ts';
import type { TopicCache } from './topic-cache.ts';
import type { Transport } from './transport.ts';

/** What the producers and consumers of a client share. */
export interface ClientContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly topics: TopicCache;
}
