/** Seeds of a normal test run: from 1 on. A mutant must be caught within them, or by the explorer. */
export const simSeeds = 2_500;
