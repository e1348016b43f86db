import type { Offset } from '../../std/brands.ts';
import { genesis } from './head.ts';
import type { Head } from './head.ts';

export interface FetchPlan {
  readonly level: 'out-of-range' | 'end' | 'segments' | 'groups' | 'ring';
  readonly head: Head;
}

/**
 * Where an offset lies, by the bounds of a strong head alone (I10): never by what happens to lie
 * in the table. No head: the log is empty.
 */
export function planFetch(newest: Head | undefined, wanted: Offset): FetchPlan {
  const head = newest ?? genesis;
  if (wanted < head.start || wanted > head.end.offset) return { level: 'out-of-range', head };
  if (wanted === head.end.offset) return { level: 'end', head };
  if (wanted < head.sealed.offset) return { level: 'segments', head };
  return { level: wanted < head.spilled.offset ? 'groups' : 'ring', head };
}
