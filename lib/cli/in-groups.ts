import { together } from '../engine/together.ts';

/** Requests under way at once. */
const groupSize = 16;

/** The answers in order, a few requests at a time. Rejects with the first error. */
export async function inGroups<T, R>(
  items: readonly T[],
  ask: (item: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  for (let at = 0; at < items.length; at += groupSize) {
    answers.push(...(await together(items.slice(at, at + groupSize).map(ask))));
  }
  return answers;
}
