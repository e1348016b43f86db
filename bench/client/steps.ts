/** What a client is asked to do, and what comes of it. */

/**
 * `one`: a record, and the next when it is acknowledged. `each`: the same by 100 lanes. `many`:
 * as the client is meant to be used for many records. `records`, `batches`: the log from its
 * beginning, by the record, or by what comes together.
 */
type Kind = 'one' | 'each' | 'many' | 'records' | 'batches';

export interface Step {
  readonly name: string;
  readonly kind: Kind;
  /** Of a record's value; there are no keys and no headers. */
  readonly bytes: number;
  readonly partitions: number;
  /** Only for a producer that lets records wait for each other: as it does by default. */
  readonly lingers?: boolean;
}

/** A step ends by whichever comes first. */
export interface Limit {
  readonly ms: number;
  readonly records: number;
}

export interface Done {
  readonly records: number;
  readonly ms: number;
  /** Of single calls; 0 where there are none. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** User and system, all threads of the client's process. */
  readonly cpuMs: number;
  readonly residentMiB: number;
}

const shapes = [100, 1_024].flatMap((bytes) => [1, 8].map((partitions) => ({ bytes, partitions })));

const nameOf = (kind: string, { bytes, partitions }: (typeof shapes)[number]): string =>
  `${kind}, ${bytes} B, ${partitions === 1 ? '1 partition' : `${partitions} partitions`}`;

export const steps: readonly Step[] = [
  ...[100, 1_024].map((bytes): Step => {
    return { name: `one at a time, ${bytes} B`, kind: 'one', bytes, partitions: 1 };
  }),
  {
    name: 'one at a time, 100 B, default linger',
    kind: 'one',
    bytes: 100,
    partitions: 1,
    lingers: true,
  },
  { name: '100 sends in flight, 100 B', kind: 'each', bytes: 100, partitions: 1 },
  ...shapes.map((shape): Step => ({ name: nameOf('many', shape), kind: 'many', ...shape })),
  ...shapes.map((shape): Step => {
    return { name: nameOf('consume', shape), kind: 'batches', ...shape };
  }),
  {
    name: 'consume by the record, 100 B, 1 partition',
    kind: 'records',
    bytes: 100,
    partitions: 1,
  },
];

export const consumes = ({ kind }: Step): boolean => kind === 'records' || kind === 'batches';

/** What was produced by `many` is what is consumed. */
export function topicOf({ kind, bytes, partitions }: Step): string {
  const by = kind === 'one' || kind === 'each' ? kind : 'many';
  return `${by}-${bytes}-${partitions}`;
}
