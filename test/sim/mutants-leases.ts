import { change } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const machine = 'lib/core/lease/lease-machine.ts';
const guarded = 'test/sim/world/guarded.ts';

/** Of leases, and of what is written under them: the last two are the writers' own part. */
export const leaseMutants: readonly Mutant[] = [
  {
    name: 'taken-over-at-once',
    about: 'a lease is taken from a holder that was not watched at all',
    changes: change(machine, "{ kind: 'watch', ms: lease.durationMs }", "{ kind: 'watch', ms: 0 }"),
  },
  {
    name: 'watched-for-half-of-its-time',
    about: 'a lease is taken from a holder that renews it in time',
    changes: change(
      machine,
      "{ kind: 'watch', ms: lease.durationMs }",
      "{ kind: 'watch', ms: lease.durationMs / 2 }",
    ),
  },
  {
    name: 'renewed-during-the-watch',
    about: 'who watches takes a lease that did not stand still',
    changes: change(
      machine,
      'if (watched?.version === lease.version) return take(state, lease);',
      'if (watched !== undefined) return take(state, lease);',
    ),
  },
  {
    name: 'fencing-number-stays',
    about: 'the next holder writes under the number of the one before',
    changes: change(
      machine,
      'const epoch = (before?.epoch ?? 0) + 1;',
      'const epoch = before?.epoch ?? 1;',
    ),
  },
  {
    name: 'lease-on-any-version',
    about: 'a late renewal takes the lease back from the next holder',
    changes: change(
      'lib/engine/perform-rest.ts',
      'const outcome = await env.table.put(encodeLease(lease), onVersion(lease.version));',
      "const outcome = await env.table.put(encodeLease(lease), { kind: 'any' });",
    ),
  },
  {
    name: 'lease-by-its-number-alone',
    about: 'who finds the number that it wanted takes the lease of another for its own',
    changes: change(
      machine,
      'return a.owner === b.owner && a.epoch === b.epoch;',
      'return a.epoch === b.epoch;',
    ),
  },
  {
    name: 'written-without-the-fence',
    about: 'a holder that was frozen writes over the next one',
    changes: change(
      guarded,
      "{ kind: 'absent-or-below', version: item.version }",
      "{ kind: 'any' }",
    ),
  },
  {
    name: 'fence-not-raised-on-what-was-read',
    about: 'what the holder before wrote since is overwritten',
    changes: change(
      guarded,
      'from, to: from }, 0), onRead);',
      "from, to: from }, 0), { kind: 'any' });",
    ),
  },
];
