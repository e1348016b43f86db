import type { MetadataTable } from '../ports/metadata-table.ts';
import { done } from '../ports/outcome.ts';
import type { ReadOutcome } from '../ports/outcome.ts';
import { decodeStageEpoch, stageEpochKey } from '../store/system.ts';
import { mapRead } from './outcomes.ts';

/**
 * The epoch under which objects are staged: a counter that the sweep advances. An old value is
 * harmless, since replay refuses what is below the floor; then it is read again.
 */
export class StageEpoch {
  readonly #table: MetadataTable;
  #known: number | undefined;

  constructor(table: MetadataTable) {
    this.#table = table;
  }

  /** `unavailable` if the counter itself is below the floor, which the next read will mend. */
  async atLeast(floor: number): Promise<ReadOutcome<number>> {
    if (this.#known === undefined || this.#known < floor) {
      const read = mapRead(
        await this.#table.get(stageEpochKey, { consistent: true }),
        decodeStageEpoch,
      );
      if (read.kind !== 'done') return read;
      this.#known = read.value?.epoch ?? 0;
    }
    const known = this.#known;
    if (known >= floor) return done(known);
    return { kind: 'unavailable', cause: `stage epoch ${known} is below the floor ${floor}` };
  }
}
