import type { WorldKind } from './mix.ts';

/** Seeds of a normal test run: from 1 on. A mutant must be caught within them, or by the explorer. */
export const simSeeds: Readonly<Record<WorldKind, number>> = { logs: 2_500, groups: 400 };
