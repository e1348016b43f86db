import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { duties, permissions } from '../../cdk/permissions.ts';
import { routes } from '../../lib/http/routes.ts';
import { only, resourcesOf, textOf, within } from './synthesise.ts';

/** Whose routes each allows, and what a client that uses the stores itself may do as. */
const grants = {
  grantProduce: { groups: ['produce'], duty: 'produce' },
  grantConsume: { groups: ['fetch', 'consume'], duty: 'consume' },
  grantAdmin: { groups: ['admin'], duty: 'admin' },
} as const;
type GrantName = keyof typeof grants;
const names = Object.keys(grants) as GrantName[];

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What a role of somebody's own is allowed. */
function granted(name: GrantName, kind: 'http' | 'rest', through?: 'stores') {
  const synthesised = within(
    () => ({ api: { kind } }),
    (tailrace, stack) => {
      const role = new Role(stack, 'Theirs', { assumedBy: new AccountPrincipal('210987654321') });
      tailrace[name](role, through);
    },
  );
  const { Properties } = only(synthesised, 'AWS::IAM::Policy', 'Theirs');
  const { Statement: statements } = Properties['PolicyDocument'] as { Statement: Statement[] };
  return { synthesised, statements };
}

/** Whether IAM's pattern, in which a star stands for anything, covers a call. */
const covers = (pattern: string, call: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((text) => RegExp.escape(text))
      .join('.*')}$`,
  ).test(call);

/** Calls of each route, with something in place of what is variable. */
const calls = routes.map(({ method, path, group, operation }) => ({
  operation,
  group,
  call: `${method}${path.replaceAll(/\{\w+\}/g, 'x')}`,
}));

function allowedCalls(
  statements: readonly Statement[],
  synthesised: Template,
  kind: 'http' | 'rest',
) {
  expect(statements).toHaveLength(1);
  expect(statements[0]?.Action).toBe('execute-api:Invoke');
  const type = kind === 'http' ? 'AWS::ApiGatewayV2::Api' : 'AWS::ApiGateway::RestApi';
  const stage = kind === 'http' ? '$default' : 'v1';
  const prefix = `arn:aws:execute-api:eu-west-1:123456789012:<${only(synthesised, type).id}>/${stage}/`;
  const patterns = [statements[0]?.Resource].flat().map(textOf);
  for (const pattern of patterns) expect(pattern.startsWith(prefix), pattern).toBe(true);
  return calls.filter(({ call }) =>
    patterns.some((pattern) => covers(pattern.slice(prefix.length), call)),
  );
}

describe.each(['http', 'rest'] as const)('through the API, %s', (kind) => {
  test.each(names)('%s: the calls of its routes', (name) => {
    const { synthesised, statements } = granted(name, kind);
    const allowed = allowedCalls(statements, synthesised, kind);
    const groups: readonly string[] = grants[name].groups;
    const own = calls.filter(({ group }) => groups.includes(group));
    // As clients do first, who may only produce or only consume.
    own.push(...calls.filter(({ operation }) => operation === 'listPartitions'));
    // A star of IAM's does not end at a slash: who may see topics may also read them.
    const also = name === 'grantAdmin' ? calls.filter(({ group }) => group === 'fetch') : [];
    expect(new Set(allowed)).toEqual(new Set([...own, ...also]));
  });
});

test.each(names)('through the stores, %s: what a function of the duty may do', (name) => {
  const { synthesised, statements } = granted(name, 'http', 'stores');
  const table = `<${only(synthesised, 'AWS::DynamoDB::Table').id}.Arn>`;
  const bucket = `<${only(synthesised, 'AWS::S3::Bucket').id}.Arn>`;
  const allowed = statements.flatMap(({ Action, Resource: of, Condition }) =>
    [Action].flat().map((action) => `${action} ${textOf(of)} ${JSON.stringify(Condition ?? null)}`),
  );
  const own = permissions[grants[name].duty];
  const keysOf = (items: readonly string[]) =>
    JSON.stringify({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': items } });
  expect(new Set(allowed)).toEqual(
    new Set([
      `dynamodb:DescribeTable ${table} null`,
      ...own.table.flatMap(({ actions, items }) =>
        actions.map((action) => `dynamodb:${action} ${table} ${keysOf(items)}`),
      ),
      ...own.objects.map((action) => `s3:${action} ${bucket}/stage/* null`),
      ...(own.listsObjects ? [`s3:ListBucket ${bucket} null`] : []),
    ]),
  );
  expect(resourcesOf(synthesised, 'AWS::IAM::Policy')).toHaveLength(duties.length + 1);
});

test('who serves members may do all that reading takes', () => {
  const { fetch, consume } = permissions;
  const allowed = ({ table }: typeof fetch): string[] =>
    table.flatMap(({ actions, items }) =>
      actions.flatMap((action) => items.map((item) => `${action} ${item}`)),
    );
  expect(allowed(consume)).toEqual(expect.arrayContaining(allowed(fetch)));
  expect(consume.objects).toEqual(fetch.objects);
  expect(consume.listsObjects).toBe(fetch.listsObjects);
});
