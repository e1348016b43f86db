import type { Condition } from '../../ports/metadata-table.ts';
import { unreachable } from '../../std/assert.ts';
import { numberAttribute } from './items.ts';
import type { Attributes } from './items.ts';

/** A condition as part of a request. */
export interface ConditionInput {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Attributes;
}

/** Never evaluated by us: `holds` in ../condition.ts says the same for stores of our own. */
export function conditionInput(condition: Condition): ConditionInput {
  switch (condition.kind) {
    case 'any':
      return {};
    case 'absent':
      return { ConditionExpression: 'attribute_not_exists(pk)' };
    case 'version':
      return versionInput('v = :v', condition.version);
    case 'absent-or-below':
      return versionInput('attribute_not_exists(pk) OR v < :v', condition.version);
    default:
      return unreachable(condition);
  }
}

/** A check that always holds still has to say something. */
export function checkInput(condition: Condition): ConditionInput & {
  readonly ConditionExpression: string;
} {
  const always = 'attribute_exists(pk) OR attribute_not_exists(pk)';
  return { ConditionExpression: always, ...conditionInput(condition) };
}

const versionInput = (expression: string, version: number): ConditionInput => ({
  ConditionExpression: expression,
  ExpressionAttributeValues: { ':v': numberAttribute(version) },
});
