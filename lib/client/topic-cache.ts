import type { Clock } from '../ports/environment.ts';
import type { Transport } from './transport.ts';

/** Kafka's metadata.max.age.ms: partitions that were added are seen after so long at the latest. */
export const metadataAgeMs = 5 * 60 * 1000;

/** How many partitions topics have, as of the last look within five minutes. */
export class TopicCache {
  readonly #transport: Pick<Transport, 'describeTopic'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly partitions: number; readonly at: number }>();

  constructor(transport: Pick<Transport, 'describeTopic'>, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  partitions(topic: string): number | undefined {
    const known = this.#known.get(topic);
    if (known === undefined) return undefined;
    return this.#clock.monotonic() - known.at < metadataAgeMs ? known.partitions : undefined;
  }

  /** As it is now. Throws as `describeTopic` does. */
  async look(topic: string): Promise<number> {
    const { partitions } = await this.#transport.describeTopic(topic);
    this.#known.set(topic, { partitions, at: this.#clock.monotonic() });
    return partitions;
  }

  forget(topic: string): void {
    this.#known.delete(topic);
  }
}
