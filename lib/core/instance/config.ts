import { limits } from '../../std/limits.ts';
import { instanceBounds } from './bounds.ts';

/** Configuration of an instance: Kafka's consumer configs, as far as the REST proxies take them. */
export interface InstanceConfig {
  readonly format: 'binary' | 'json';
  /** Where to begin without a committed offset, or where the log no longer holds it. */
  readonly reset: 'earliest' | 'latest' | 'none';
  readonly autoCommit: boolean;
  /** ms between automatic commits. */
  readonly autoCommitIntervalMs: number;
  /** Bytes of batches for which a poll waits. */
  readonly minBytes: number;
  /** ms that a poll waits if it does not say so itself. */
  readonly pollMs: number;
  /** ms after which an instance that nobody uses is gone. Also its member's session. */
  readonly timeoutMs: number;
}

/** As they come: existing clients send numbers and booleans as text, too. */
export type GivenConfig = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type ConfigResult =
  | { readonly kind: 'config'; readonly config: InstanceConfig }
  | { readonly kind: 'malformed'; readonly message: string };

class Malformed extends Error {}

/** The configuration with Kafka's defaults, or what is wrong with it: `expected …, got … config=…`. */
export function readConfig(given: GivenConfig): ConfigResult {
  try {
    return {
      kind: 'config',
      config: {
        format: oneOf(given, 'format', ['binary', 'json'], 'binary'),
        reset: oneOf(given, 'auto.offset.reset', ['earliest', 'latest', 'none'], 'latest'),
        autoCommit: oneOf(given, 'auto.commit.enable', ['true', 'false'], 'true') === 'true',
        autoCommitIntervalMs: integer(given, 'auto.commit.interval.ms', 0, int32Max, 5_000),
        minBytes: integer(given, 'fetch.min.bytes', 0, limits.responseBytesMax, 1),
        pollMs: integer(given, 'consumer.request.timeout.ms', 0, int32Max, 1_000),
        timeoutMs: integer(
          given,
          'consumer.instance.timeout.ms',
          instanceBounds.timeoutMsMin,
          instanceBounds.timeoutMsMax,
          300_000,
        ),
      },
    };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', message: error.message };
    throw error;
  }
}

const int32Max = 2 ** 31 - 1;

function oneOf<T extends string>(
  given: GivenConfig,
  name: string,
  values: readonly T[],
  byDefault: T,
): T {
  const value = given[name] ?? byDefault;
  const found = values.find((one) => one === String(value).toLowerCase());
  if (found !== undefined) return found;
  throw malformed(name, `one of ${values.join(', ')}`, value);
}

/** −1 stands for the default, as the REST proxies have it. */
function integer(
  given: GivenConfig,
  name: string,
  min: number,
  max: number,
  byDefault: number,
): number {
  const value = given[name] ?? -1;
  const isInteger = /^-?\d{1,10}$/.test(String(value));
  const number = isInteger ? Number(value) : NaN;
  if (number === -1) return byDefault;
  if (number >= min && number <= max) return number;
  throw malformed(name, `an integer from ${min} to ${max}`, value);
}

const malformed = (name: string, expected: string, got: unknown): Malformed =>
  new Malformed(`expected ${expected}, got ${JSON.stringify(got).slice(0, 60)} config=${name}`);
