import { expect, test } from 'vitest';
import { Soak } from './soak.ts';

// The first minute of `npm run soak` in small: the same processes, records and faults (docs/soak.md).

test(
  'members that are killed, frozen and stopped miss no record, and repeat none without a reason',
  { timeout: 240_000 },
  async () => {
    const options = { seed: 1, ms: 12_000, records: 200_000, members: 8, partitions: 64 };
    const soak = new Soak({
      ...options,
      isCalm: false,
      keepsFiles: false,
      onProgress: () => undefined,
    });
    const { judgement, done } = await soak.run(new AbortController().signal);
    const { wrong, seen } = judgement;
    expect({ wrong, seen }).toEqual({ wrong: [], seen: options.records });
    for (const [kind, count] of Object.entries(done)) expect(count, kind).toBeGreaterThan(0);
  },
);
