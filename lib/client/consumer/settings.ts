import { limits } from '../../std/limits.ts';
import { bounded, oneOf } from '../bounded.ts';
import type { ConsumerOptions, Deserializer, Position, Serde } from '../types.ts';

const MiB = 1024 * 1024;

/** The options of a consumer, checked, with the defaults in. */
export interface ConsumerSettings<K, V> {
  readonly key: Deserializer<K>;
  readonly value: Deserializer<V>;
  readonly from: Position;
  readonly offsetReset: 'beginning' | 'end' | 'error';
  readonly until: 'end' | undefined;
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly prefetchBytes: number;
}

/** INVALID_CONFIG for an option out of its bounds. */
export function consumerSettings<K, V>(options: ConsumerOptions<K, V>): ConsumerSettings<K, V> {
  const { offsetReset = 'beginning', until } = options;
  const { minBytes = 1, maxWaitMs = 500, maxBytes = MiB, prefetchBytes = 16 * MiB } = options;
  const most = 2 ** 31 - 1;
  return {
    key: deserializer(options.key),
    value: deserializer(options.value),
    from: options.from ?? 'beginning',
    offsetReset: oneOf('offsetReset', offsetReset, ['beginning', 'end', 'error']),
    until: until === undefined ? until : oneOf<'end'>('until', until, ['end']),
    minBytes: bounded('minBytes', minBytes, 0, most),
    maxWaitMs: bounded('maxWaitMs', maxWaitMs, 0, limits.fetchWaitMsMax),
    maxBytes: bounded('maxBytes', maxBytes, 1, most),
    prefetchBytes: bounded('prefetchBytes', prefetchBytes, 1, Number.MAX_SAFE_INTEGER),
  };
}

function deserializer<T>(serde: Serde<T> | Deserializer<T> | undefined): Deserializer<T> {
  // Without one the type of the records is Buffer or null, as the defaults of `consumer` say.
  if (serde === undefined) return asItIs as Deserializer<unknown> as Deserializer<T>;
  return typeof serde === 'function' ? serde : serde.deserialize;
}

const asItIs: Deserializer<Uint8Array | null> = (bytes) => bytes;
