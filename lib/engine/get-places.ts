import { pause } from '../core/log/requests.ts';
import type { LogRun } from '../core/log/spill-group.ts';
import type { Deadline } from './driver.ts';
import type { LogContext } from './log-context.ts';
import { together } from './together.ts';

interface Range {
  readonly key: string;
  readonly from: number;
  length: number;
  /** Indexes of the runs in it, and where they begin within it. */
  readonly runs: { readonly index: number; readonly at: number; readonly length: number }[];
}

/**
 * The bytes of runs, in their order (none for markers), as copies that the caller may write to.
 * Ranged GETs run in parallel; adjacent ranges of one object are read at once.
 */
export async function getPlaces(
  context: LogContext,
  runs: readonly LogRun[],
  deadline: Deadline,
): Promise<readonly (Buffer | undefined)[] | 'missing' | 'expired'> {
  const found: (Buffer | undefined)[] = runs.map(({ content }) =>
    content.kind === 'run' && content.run.place.kind === 'inline'
      ? Buffer.from(content.run.place.bytes)
      : undefined,
  );
  const ranges = mergedRanges(runs);
  const read = await together(ranges.map((range) => getRange(context, range, deadline)));
  for (const [i, range] of ranges.entries()) {
    const bytes = read[i];
    if (typeof bytes === 'string' || bytes === undefined) return bytes ?? 'missing';
    for (const { index, at, length } of range.runs) {
      found[index] = bytes.subarray(at, at + length);
    }
  }
  return found;
}

function mergedRanges(runs: readonly LogRun[]): readonly Range[] {
  const ranges: Range[] = [];
  runs.forEach(({ content }, index) => {
    if (content.kind !== 'run' || content.run.place.kind !== 'object') return;
    const { key, from, length } = content.run.place;
    const last = ranges.at(-1);
    if (last !== undefined && last.key === key && last.from + last.length === from) {
      last.runs.push({ index, at: last.length, length });
      last.length += length;
    } else {
      ranges.push({ key, from, length, runs: [{ index, at: 0, length }] });
    }
  });
  return ranges;
}

async function getRange(
  context: LogContext,
  range: Range,
  deadline: Deadline,
): Promise<Buffer | 'missing' | 'expired'> {
  const { env } = context;
  for (;;) {
    const outcome = await env.objects.get(range.key, { from: range.from, length: range.length });
    if (outcome.kind === 'done') {
      const bytes = outcome.value;
      return bytes?.length === range.length ? Buffer.from(bytes) : 'missing';
    }
    if (deadline.expired()) return 'expired';
    await env.clock.sleep(env.random.next() * pause.ms);
  }
}
