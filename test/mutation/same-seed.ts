// Stands in for fast-check where mutants are looked for: the same values with every run, since a
// mutant that dies by luck would make the score another one; and no more of them than are quick.
import * as fc from '../../node_modules/fast-check/lib/fast-check.js';

const runsMax = 100;

fc.configureGlobal({ seed: 20_240_229, endOnFailure: true });

export * from '../../node_modules/fast-check/lib/fast-check.js';

export const assert = ((property: never, parameters?: { readonly numRuns?: number }) => {
  const numRuns = Math.min(parameters?.numRuns ?? runsMax, runsMax);
  return fc.assert(property, { ...parameters, numRuns });
}) as typeof fc.assert;

// oxlint-disable-next-line import/no-default-export -- some tests take fast-check's own default
export default { ...fc, assert };
