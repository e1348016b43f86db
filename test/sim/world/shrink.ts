import { clientKinds, faultKinds } from './mix.ts';
import type { Mix, WorldKind } from './mix.ts';
import { simulate } from './simulate.ts';

/** How a world differs from what its seed drew. Names are those of faults, clients and rates. */
export interface Adjustment {
  readonly operations?: number;
  /** What is left out. */
  readonly without: readonly string[];
}

const rates = [
  'crashPerCall',
  'freezeEveryMs',
  'spellEveryMs',
  'jumpEveryMs',
  'resting',
  'skewMsMax',
  'tornQuery',
  'conflict',
  'partialDelete',
  'unitsPerSecond',
  'deletes',
  'memberDies',
  'memberFreezes',
  'gateway',
] as const;

/** Everything that may be left out of a world. */
export const leavable: readonly string[] = [...faultKinds, ...clientKinds, ...rates];

export function adjusted(mix: Mix, { operations, without }: Adjustment): Mix {
  const none = (names: readonly string[]): Record<string, number> =>
    Object.fromEntries(names.filter((name) => without.includes(name)).map((name) => [name, 0]));
  return {
    ...mix,
    ...none(rates),
    operations: operations ?? mix.operations,
    faults: { ...mix.faults, ...none(faultKinds) },
    clients: { ...mix.clients, ...none(clientKinds) },
  };
}

/**
 * A smaller world of the same seed in which the same rule still fires: half the operations again
 * and again, then one thing after the other left out. Some fifty runs at the most.
 */
export async function shrink(
  { kind, seed }: { readonly kind: WorldKind; readonly seed: number },
  rule: string,
  operations: number,
): Promise<Adjustment> {
  const fires = async (adjustment: Adjustment): Promise<boolean> => {
    const adjust = (mix: Mix): Mix => adjusted(mix, adjustment);
    const { anomalies } = await simulate(kind, seed, { adjust });
    return anomalies.some((anomaly) => anomaly.rule === rule);
  };
  let best: Adjustment = { without: [] };
  let low = 0;
  let high = operations;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const smaller = { ...best, operations: middle };
    if (await fires(smaller)) [best, high] = [smaller, middle];
    else low = middle;
  }
  for (const name of leavable) {
    const smaller = { ...best, without: [...best.without, name] };
    if (await fires(smaller)) best = smaller;
  }
  return best;
}
