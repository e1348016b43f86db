/** One load: what is sent, and how much of it at once. */
export interface Shape {
  readonly recordBytes: number;
  readonly partitions: number;
  /** Records in a request, hence in a batch. */
  readonly batch: number;
  /** Requests in flight. */
  readonly lanes: number;
}

/** Enough in flight to coalesce, bounded in bytes. */
const lanesFor = (batch: number): number => (batch === 1 ? 64 : batch === 100 ? 16 : 4);

export function shapes(quick: boolean): readonly Shape[] {
  const all: Shape[] = [];
  for (const recordBytes of quick ? [1024] : [100, 1024]) {
    for (const partitions of [1, 8]) {
      for (const batch of quick ? [1, 100] : [1, 100, 1000]) {
        all.push({ recordBytes, partitions, batch, lanes: lanesFor(batch) });
      }
    }
  }
  return all;
}

export const nameOf = ({ recordBytes, partitions, batch }: Shape): string =>
  `${recordBytes} B × ${batch}, ${partitions} p.`;

/** A load of produce requests, and the fetches that give the records back. */
export interface Target {
  create(topic: string, partitions: number): Promise<void>;
  produce(topic: string, partition: number, batch: number, recordBytes: number): Promise<number>;
  /** Records from this offset on; 0 at the end. */
  fetch(topic: string, partition: number, offset: bigint): Promise<number>;
}

export interface Figure {
  readonly name: string;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly recordBytes: number;
}
