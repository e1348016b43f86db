import type { Codec } from '../../protocol/compression.ts';
import { limits } from '../../std/limits.ts';
import { bounded, msMax, oneOf } from '../bounded.ts';
import type { Bytes, Partitioner, ProducerOptions, Serde, Serializer } from '../types.ts';

const KiB = 1024;

/** The options of a producer, checked, with the defaults in. */
export interface ProducerSettings<K, V> {
  readonly key: Serializer<K>;
  readonly value: Serializer<V>;
  readonly lingerMs: number;
  readonly batchBytes: number;
  readonly compression: Codec;
  readonly bufferBytes: number;
  readonly maxBlockMs: number;
  readonly deliveryTimeoutMs: number;
  /** A try that was not answered for so long counts as lost (Kafka's request.timeout.ms). */
  readonly tryMs: number;
  readonly idempotent: boolean;
  readonly partitioner: Partitioner | undefined;
}

const codecs: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** Longer than any transport and any function behind it works on a batch. */
const requestTimeoutMs = 30_000;

/** INVALID_CONFIG for an option out of its bounds. */
export function producerSettings<K, V>(options: ProducerOptions<K, V>): ProducerSettings<K, V> {
  const {
    lingerMs = 5,
    batchBytes = 256 * KiB,
    bufferBytes = 32 * KiB * KiB,
    maxBlockMs = 60_000,
    deliveryTimeoutMs = 120_000,
    compression = 'none',
  } = options;
  return {
    key: serializer(options.key),
    value: serializer(options.value),
    lingerMs: bounded('lingerMs', lingerMs, 0, msMax),
    batchBytes: bounded('batchBytes', batchBytes, 1, limits.batchBytesMax),
    compression: oneOf('compression', compression, codecs),
    bufferBytes: bounded('bufferBytes', bufferBytes, 1, Number.MAX_SAFE_INTEGER),
    maxBlockMs: bounded('maxBlockMs', maxBlockMs, 0, msMax),
    deliveryTimeoutMs: bounded('deliveryTimeoutMs', deliveryTimeoutMs, 1, msMax),
    tryMs: Math.min(requestTimeoutMs, deliveryTimeoutMs),
    idempotent: options.idempotent ?? true,
    partitioner: options.partitioner,
  };
}

function serializer<T>(serde: Serde<T> | Serializer<T> | undefined): Serializer<T> {
  // Without one the type of the records is Bytes, as the defaults of `producer` say.
  if (serde === undefined) return toBytes as Serializer<T>;
  return typeof serde === 'function' ? serde : serde.serialize;
}

/** What stands for bytes, as bytes: a string is UTF-8. TypeError for anything else. */
export function toBytes(value: Bytes): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value);
  throw new TypeError(`expected bytes, a string or null, got a ${typeof value}`);
}
