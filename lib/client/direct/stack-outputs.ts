import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ProtocolError } from '../../protocol/errors.ts';

/** What a stack says of itself (cdk/tailrace-stack.ts). */
const names = { url: 'ApiUrl', table: 'TableName', bucket: 'BucketName' } as const;

export type StackOutput = keyof typeof names;

/**
 * Outputs of a stack, by one request of `cloudformation:DescribeStacks`. INVALID_CONFIG if there is
 * no such stack, or if it has not all of them: another one, or one of one's own that uses the
 * construct and must export them. Other errors of the SDK are passed on.
 */
export async function stackOutputs<Wanted extends StackOutput>(
  stack: string,
  wanted: readonly Wanted[],
  region?: string,
): Promise<Readonly<Record<Wanted, string>>> {
  const found = await describe(stack, region);
  const missing = wanted.filter((name) => (found.get(names[name]) ?? '') === '');
  if (missing.length > 0) {
    const expected = wanted.map((name) => names[name]).join(', ');
    const came = found.size === 0 ? 'none' : [...found.keys()].join(', ');
    throw new ProtocolError(
      'INVALID_CONFIG',
      `expected a stack with the outputs ${expected}, got one with the outputs ${came}: stack=${stack}`,
    );
  }
  const values = wanted.map((name) => [name, found.get(names[name])]);
  return Object.fromEntries(values) as Record<Wanted, string>;
}

async function describe(stack: string, region?: string): Promise<ReadonlyMap<string, string>> {
  const client = new CloudFormationClient(region === undefined ? {} : { region });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks.flatMap(({ Outputs = [] }) => Outputs);
    return new Map(outputs.map((each) => [each.OutputKey ?? '', each.OutputValue ?? '']));
  } catch (error) {
    if (!(error instanceof Error && /does not exist/.test(error.message))) throw error;
    const missing = new ProtocolError(
      'INVALID_CONFIG',
      `expected the name of a stack, but this account has none of that name in this region: stack=${stack}`,
    );
    missing.cause = error;
    throw missing;
  } finally {
    client.destroy();
  }
}
