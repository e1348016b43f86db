// Stands in for fast-check where mutants are looked for: the same values with every run, since a
// mutant that dies by luck would make the score another one.
import fc from '../../node_modules/fast-check/lib/fast-check.js';

fc.configureGlobal({ seed: 20_240_229, endOnFailure: true });

export * from '../../node_modules/fast-check/lib/fast-check.js';
// oxlint-disable-next-line import/no-default-export -- some tests take fast-check's own default
export default fc;
