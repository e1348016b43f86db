/**
 * Works that run side by side, awaited to their end even if one of them fails: whoever fails leaves
 * nothing under way behind. A process that is frozen after its answer would go on with it when it is
 * thawed. Throws the first error, in the order of the works.
 */
export async function together<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(works);
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
