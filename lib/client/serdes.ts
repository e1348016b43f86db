import type { Serde } from './types.ts';

/** UTF-8. Bytes that are none are refused, as is a lone surrogate. Null is Kafka's null. */
export const string: Serde<string | null> = {
  serialize: (text) => {
    if (text === null) return null;
    if (!text.isWellFormed()) throw new TypeError('expected a string without lone surrogates');
    return Buffer.from(text);
  },
  deserialize: (bytes) => (bytes === null ? null : decoder.decode(bytes)),
};

/** A byte order mark is part of the text: what was written is what is read. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** JSON. Null is Kafka's null (a tombstone, as a value), not the text `null`. */
export function json<T>(): Serde<T | null> {
  return {
    serialize: (value) => {
      if (value === null) return null;
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined) throw new TypeError(`expected a JSON value, got a ${typeof value}`);
      return Buffer.from(text);
    },
    // Trusted to be a T, as whoever names the type says.
    deserialize: (bytes) => (bytes === null ? null : (JSON.parse(decoder.decode(bytes)) as T)),
  };
}

/** As they are. */
export const bytes: Serde<Uint8Array | null> = {
  serialize: (value) => value,
  deserialize: (value) => value,
};
