import { endBefore, endMax } from './facts.ts';
import type { Facts, Log, Place, Rule } from './facts.ts';
import type { Anomaly, Listing } from './history.ts';

/**
 * KIP-79, KIP-734: a timestamp finds the first record at or after it, `max-timestamp` the first of
 * the highest, of some state of the log during the call; with the timestamp that is stored. The
 * earliest offset is 0, since nothing removes records; the latest is not beyond the end.
 */
export const listedOffsets: Rule = (facts) => {
  const found: Anomaly[] = [];
  const records = new Map<string, Sought>();
  for (const listing of facts.history.listings) {
    const { log, at, offset, timestamp, client } = listing;
    if (log === undefined) continue;
    const sought = records.get(log) ?? soughtIn(facts.logs.get(log));
    records.set(log, sought);
    const expected = fault(facts, log, listing, sought);
    if (expected === undefined) continue;
    const detail = `${client}: ${at} of ${log} is ${offset} (${timestamp}), expected ${expected}`;
    found.push({ rule: 'wrong listing', detail });
  }
  return found;
};

/** What was expected instead, or undefined. */
function fault(
  facts: Facts,
  log: string,
  { at, offset, timestamp, invoked, completed }: Listing,
  sought: Sought,
): string | undefined {
  const max = endMax(facts, log, completed);
  if (at === 'earliest') return offset === 0n && timestamp === -1n ? undefined : '0 (-1)';
  if (at === 'latest') {
    const right = timestamp === -1n && (max === undefined || offset <= max);
    return right ? undefined : `at most ${max} (-1)`;
  }
  const certain = Number(endBefore(facts, log, invoked)?.end ?? 0n);
  const possible = Number(max ?? BigInt(sought.records.length));
  const right = answers(sought, at, certain, possible);
  const told = right.some(
    (place) => offset === (place?.offset ?? -1n) && timestamp === (place?.timestamp ?? -1n),
  );
  if (told) return undefined;
  return right.map((place) => `${place?.offset ?? -1n} (${place?.timestamp ?? -1n})`).join(' or ');
}

interface Sought {
  readonly records: readonly Place[];
  /** Records above all before them. */
  readonly peaks: readonly Place[];
}

function soughtIn(log: Log | undefined): Sought {
  const records: Place[] = [];
  const peaks: Place[] = [];
  for (let next = log?.places.get(0); next !== undefined;) {
    records.push(next);
    if (next.timestamp > (peaks.at(-1)?.timestamp ?? -1n)) peaks.push(next);
    next = log?.places.get(records.length);
  }
  return { records, peaks };
}

/** All that is right of a log that has so many records at least, and so many at most. */
function answers(
  { records, peaks }: Sought,
  at: 'max-timestamp' | bigint,
  certain: number,
  possible: number,
): readonly (Place | undefined)[] {
  if (at !== 'max-timestamp') {
    // The first record at or after a timestamp is a peak.
    const first = peaks.find(({ timestamp }) => timestamp >= at);
    if (first === undefined || first.offset >= possible) return [undefined];
    return first.offset < certain ? [first] : [undefined, first];
  }
  const during = peaks.filter(({ offset }, i) => {
    const next = peaks[i + 1]?.offset ?? Infinity;
    return offset < possible && next >= Math.max(certain, 1);
  });
  return certain === 0 || records.length === 0 ? [undefined, ...during] : during;
}
