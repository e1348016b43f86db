import { expect, test } from 'vitest';
import { check } from '../sim/checker/check.ts';
import { weather } from './weather.ts';

const seconds = Number(process.env['RUNTIME_SECONDS'] ?? 24);
const seed = Number(process.env['RUNTIME_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test.skipIf(process.platform !== 'linux')(
  'frozen, killed and repeated calls lose, double and reorder nothing',
  { timeout: 120_000 + 2_000 * seconds },
  async () => {
    console.log(`RUNTIME_SEED=${seed} RUNTIME_SECONDS=${seconds}`);
    const { history, counts, errors } = await weather(seed, seconds);
    console.log(counts);
    expect(check(history)).toEqual([]);
    expect(errors).toEqual([]);
    const happened = Object.entries(counts).flatMap(([what, n]) => (n > 0 ? [what] : []));
    expect(happened).toEqual(expect.arrayContaining(['kills', 'short holds', 'long holds']));
    expect(happened).toEqual(expect.arrayContaining(['retries', 'redeliveries', 'late answers']));
    expect(happened).toEqual(expect.arrayContaining(['attempts unknown', 'records acknowledged']));
  },
);
