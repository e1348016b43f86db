import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Findings of cdk-nag that stand, each with its reason. */
export function acknowledge(scope: IConstruct, findings: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(findings)) {
    Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
  }
}

/** The rule against stars, for one resource: as cdk-nag names it. */
export function starIn(scope: IConstruct, arn: string): string {
  return `IAM5[Resource::${flat(Stack.of(scope).resolve(arn))}]`;
}

/** An ARN with its references in pointed brackets. */
function flat(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  const [[kind, of] = ['', undefined]] = Object.entries(resolved as Record<string, unknown>);
  if (kind === 'Ref') return `<${String(of)}>`;
  if (kind === 'Fn::GetAtt') return `<${(of as readonly string[]).join('.')}>`;
  if (kind === 'Fn::ImportValue') return flat(of);
  if (kind !== 'Fn::Join') return JSON.stringify(resolved);
  const [delimiter, parts] = of as readonly [string, readonly unknown[]];
  return parts.map(flat).join(delimiter);
}
