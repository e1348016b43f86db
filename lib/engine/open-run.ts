import type { Place, Run, RunProducer } from '../core/log/command.ts';
import { crc32c } from '../protocol/crc32c.ts';

/** Record batches on their way to a place: what a door hands to the appender. */
export interface OpenRun {
  /** Adjacent RecordBatch v2, as they will be stored. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  /** The CRC field of each batch. */
  readonly crcs: readonly number[];
  readonly producer?: RunProducer;
}

/** CRC32C over the batches' own CRC fields, big-endian, in order. */
export function runCrc(crcs: readonly number[]): number {
  const bytes = Buffer.allocUnsafe(crcs.length * 4);
  crcs.forEach((crc, i) => bytes.writeUInt32BE(crc, i * 4));
  return crc32c(bytes);
}

export function placeRun(open: OpenRun, place: Place): Run {
  const { count, firstTimestamp, maxTimestamp, producer } = open;
  return {
    place,
    batches: open.crcs.length,
    count,
    firstTimestamp,
    maxTimestamp,
    crc: runCrc(open.crcs),
    ...(producer === undefined ? {} : { producer }),
  };
}

/** A reader fetches whole runs, so joining stops here. */
const joinedBytesMax = 1024 * 1024;

/** Which run of the command a submission became, and how many offsets of it lie before its own. */
export interface Share {
  readonly run: number;
  readonly before: number;
}

/**
 * Joins neighbours that no producer's sequence tells apart: they are accepted or refused together
 * anyway, and one description is smaller than many.
 */
export function joinRuns(opens: readonly OpenRun[]): {
  readonly runs: readonly OpenRun[];
  readonly shares: readonly Share[];
} {
  const groups: OpenRun[][] = [];
  const shares = opens.map((open): Share => {
    const last = groups.at(-1);
    if (last !== undefined && joins(last, open)) {
      const before = last.reduce((sum, { count }) => sum + count, 0);
      last.push(open);
      return { run: groups.length - 1, before };
    }
    groups.push([open]);
    return { run: groups.length - 1, before: 0 };
  });
  return { runs: groups.map(join), shares };
}

function joins(group: readonly OpenRun[], open: OpenRun): boolean {
  if (open.producer !== undefined || group[0]?.producer !== undefined) return false;
  const bytes = group.reduce((sum, run) => sum + run.bytes.length, 0);
  return bytes + open.bytes.length <= joinedBytesMax;
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function join(opens: readonly OpenRun[]): OpenRun {
  const [first] = opens;
  if (opens.length === 1 && first !== undefined) return first;
  return {
    bytes: Buffer.concat(opens.map(({ bytes }) => bytes)),
    count: opens.reduce((sum, { count }) => sum + count, 0),
    firstTimestamp: first?.firstTimestamp ?? -1n,
    maxTimestamp: opens.reduce((highest, open) => max(highest, open.maxTimestamp), -1n),
    crcs: opens.flatMap(({ crcs }) => crcs),
  };
}
