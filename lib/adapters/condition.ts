import type { Condition } from '../ports/metadata-table.ts';
import { unreachable } from '../std/assert.ts';

/** Whether `condition` holds for an item of this version; `undefined`: there is no item. */
export function holds(condition: Condition, version: number | undefined): boolean {
  switch (condition.kind) {
    case 'any':
      return true;
    case 'absent':
      return version === undefined;
    case 'version':
      return version === condition.version;
    case 'absent-or-below':
      return version === undefined || version < condition.version;
    default:
      return unreachable(condition);
  }
}
