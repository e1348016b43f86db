import { hash } from 'node:crypto';
import type { Due } from '../core/topic/topic.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { assert } from '../std/assert.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { decodeJson, encodeJson } from './json-body.ts';
import { padded } from './partition-pk.ts';
import { plainItem } from './plain-item.ts';

/*
 * A reason to look at something at a time, put before what makes it necessary: early is harmless.
 *
 *     pk        DUE#<bucket, 2 digits>       bucket = hash of <what> mod 16
 *     sk        <due ms, 13 digits>#<what>
 *     version   0
 *     body      {v}
 *
 * A pass reads in each bucket whatever is due, without a cursor, and deletes it on its version
 * after the work.
 */

const msMax = 9_999_999_999_999;

const bucketPk = (bucket: number): string => `DUE#${padded(bucket, 2)}`;

/** The partition keys that a pass visits. */
export const dueBuckets: readonly string[] = Array.from({ length: 16 }, (_, i) => bucketPk(i));

export function dueKey({ dueMs, what }: Pick<Due, 'dueMs' | 'what'>): ItemKey {
  return { pk: pkOf(what), sk: `${msDigits(dueMs)}#${what}` };
}

/** Spread by the first four bits of SHA-256. */
const pkOf = (what: string): string =>
  bucketPk(Number.parseInt(hash('sha256', what, 'hex').slice(0, 1), 16));

function msDigits(ms: number): string {
  assert(
    Number.isInteger(ms) && ms >= 0 && ms <= msMax,
    `time is out of bounds: ms=${ms} max=${msMax}`,
  );
  return padded(ms, 13);
}

/** All that is due at or before a time (below 2286). */
export function dueRange(nowMs: number): QueryRange {
  // A bare time sorts before every item of that time.
  return { from: msDigits(0), to: msDigits(nowMs + 1) };
}

export function encodeDue(due: Due): Item {
  return plainItem(dueKey(due), due.version, encodeJson({}));
}

const skPattern = /^(\d{13})#(.+)$/s;

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeDue(item: Item): Due {
  decodeJson(item);
  const [, ms, what] = skPattern.exec(item.sk) ?? [];
  if (ms !== undefined && what !== undefined && pkOf(what) === item.pk) {
    return { dueMs: Number(ms), what, version: item.version };
  }
  throw new MalformedBytes(`no key of what is due: pk=${item.pk} sk=${item.sk}`);
}
