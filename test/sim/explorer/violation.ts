import { InvariantError } from '../../../lib/std/assert.ts';

/** A property that does not hold. `rule` names it. */
export class Violation extends Error {
  override name = 'Violation';
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(detail);
    this.rule = rule;
  }
}

export function demand(condition: boolean, rule: string, detail: string): asserts condition {
  if (!condition) throw new Violation(rule, detail);
}

/** The rule that an error breaks. */
export function ruleOf(error: unknown): { readonly rule: string; readonly detail: string } {
  if (error instanceof Violation) return { rule: error.rule, detail: error.message };
  if (error instanceof InvariantError) return { rule: 'assertion', detail: error.message };
  throw error;
}
