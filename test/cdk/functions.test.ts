import { Duration } from 'aws-cdk-lib';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { duties, permissions } from '../../cdk/permissions.ts';
import { TailraceStack } from '../../cdk/tailrace-stack.ts';
import { readConfiguration } from '../../functions/configuration.ts';
import { newApp, only, resourcesOf, template, textOf, within } from './synthesise.ts';
import type { Resource } from './synthesise.ts';

const nameOf = (duty: string): string => `${duty[0]?.toUpperCase()}${duty.slice(1)}`;
const functionOf = (from: Parameters<typeof only>[0], duty: string): Resource =>
  only(from, 'AWS::Lambda::Function', `Tailrace${nameOf(duty)}Function`);

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

describe('by default', () => {
  const synthesised = template();

  test.each(duties)('%s', (duty) => {
    const { Properties } = functionOf(synthesised, duty);
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 1_024,
      Timeout: duty === 'maintain' ? 300 : 25,
      LoggingConfig: {
        LogFormat: 'JSON',
        LogGroup: { Ref: only(synthesised, 'AWS::Logs::LogGroup', `${nameOf(duty)}Logs`).id },
      },
      Role: {
        'Fn::GetAtt': [only(synthesised, 'AWS::IAM::Role', `${nameOf(duty)}Role`).id, 'Arn'],
      },
    });
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(Properties).not.toHaveProperty('VpcConfig');
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    const resolved = Object.entries(Variables).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : 'a-reference',
    ]);
    expect(readConfiguration(Object.fromEntries(resolved))).toMatchObject({
      tableName: 'a-reference',
      bucketName: 'a-reference',
    });
  });

  test('there are no other functions', () => {
    expect(resourcesOf(synthesised, 'AWS::Lambda::Function')).toHaveLength(duties.length);
  });

  test.each(duties)(
    'the role of %s allows these actions on these resources, and no more',
    (duty) => {
      const role = only(synthesised, 'AWS::IAM::Role', `${nameOf(duty)}Role`);
      expect(role.Properties).toEqual({
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Action: 'sts:AssumeRole',
              Effect: 'Allow',
              Principal: { Service: 'lambda.amazonaws.com' },
            },
          ],
          Version: '2012-10-17',
        },
      });
      const policies = resourcesOf(synthesised, 'AWS::IAM::Policy').filter(({ Properties }) =>
        JSON.stringify(Properties['Roles']).includes(role.id),
      );
      expect(policies).toHaveLength(1);
      const document = policies[0]?.Properties['PolicyDocument'] as { Statement: Statement[] };
      const table = `<${only(synthesised, 'AWS::DynamoDB::Table').id}.Arn>`;
      const bucket = `<${only(synthesised, 'AWS::S3::Bucket').id}.Arn>`;
      const logs = `<${only(synthesised, 'AWS::Logs::LogGroup', `${nameOf(duty)}Logs`).id}.Arn>`;
      const allowed = document.Statement.flatMap(({ Effect, Action, Resource: of, Condition }) => {
        expect(Effect).toBe('Allow');
        const keys = JSON.stringify(Condition ?? null);
        return [Action].flat().map((action) => `${action} ${textOf(of)} ${keys}`);
      });
      const own = permissions[duty];
      const keysOf = (items: readonly string[]) =>
        JSON.stringify({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': items } });
      expect(new Set(allowed)).toEqual(
        new Set([
          `logs:CreateLogStream ${logs} null`,
          `logs:PutLogEvents ${logs} null`,
          `dynamodb:DescribeTable ${table} null`,
          ...own.table.flatMap(({ actions, items }) =>
            actions.map((action) => `dynamodb:${action} ${table} ${keysOf(items)}`),
          ),
          ...own.objects.map((action) => `s3:${action} ${bucket}/stage/* null`),
          ...(own.listsObjects ? [`s3:ListBucket ${bucket} null`] : []),
        ]),
      );
    },
  );

  test('all logs are kept for a month, and then no longer', () => {
    const groups = resourcesOf(synthesised, 'AWS::Logs::LogGroup');
    // Of each function, and of the gateway.
    expect(groups).toHaveLength(duties.length + 1);
    expect(new Set(groups.map(({ Properties }) => Properties['RetentionInDays']))).toEqual(
      new Set([30]),
    );
  });

  test('once an hour somebody looks for what is due', () => {
    const rule = only(synthesised, 'AWS::Events::Rule');
    const maintain = functionOf(synthesised, 'maintain');
    expect(rule.Properties).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      State: 'ENABLED',
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [maintain.id, 'Arn'] },
          RetryPolicy: { MaximumRetryAttempts: 0 },
        },
      ],
    });
    const permission = only(synthesised, 'AWS::Lambda::Permission', 'Schedule');
    expect(permission.Properties).toMatchObject({
      Principal: 'events.amazonaws.com',
      FunctionName: { 'Fn::GetAtt': [maintain.id, 'Arn'] },
      SourceArn: { 'Fn::GetAtt': [rule.id, 'Arn'] },
    });
  });
});

test('what can be chosen', () => {
  const synthesised = template({
    architecture: Architecture.X86_64,
    memoryMb: { produce: 2_048 },
    reservedConcurrency: { fetch: 10 },
    logRetention: RetentionDays.ONE_WEEK,
    maintainEvery: Duration.minutes(10),
    publicUrl: 'https://kafka.example.com',
  });
  for (const duty of duties) {
    const { Properties } = functionOf(synthesised, duty);
    expect(Properties).toMatchObject({
      Architectures: ['x86_64'],
      MemorySize: duty === 'produce' ? 2_048 : 1_024,
      Environment: { Variables: { TAILRACE_PUBLIC_URL: 'https://kafka.example.com' } },
    });
    expect(Properties['ReservedConcurrentExecutions']).toBe(duty === 'fetch' ? 10 : undefined);
  }
  for (const { Properties } of resourcesOf(synthesised, 'AWS::Logs::LogGroup')) {
    expect(Properties['RetentionInDays']).toBe(7);
  }
  expect(only(synthesised, 'AWS::Events::Rule').Properties['ScheduleExpression']).toBe(
    'rate(10 minutes)',
  );
});

test('in a network, with the permissions that this takes', () => {
  const synthesised = within((stack) => {
    const subnetType = SubnetType.PRIVATE_ISOLATED;
    const subnetConfiguration = [{ name: 'Own', subnetType }];
    // The classes of CDK do not fit their own interfaces where what may be absent may not be undefined.
    const vpc = new Vpc(stack, 'Vpc', { maxAzs: 1, subnetConfiguration }) as IVpc;
    const securityGroups = [new SecurityGroup(stack, 'Group', { vpc })];
    return { network: { vpc, vpcSubnets: { subnetType }, securityGroups } };
  });
  const subnet = only(synthesised, 'AWS::EC2::Subnet', 'Own');
  const group = only(synthesised, 'AWS::EC2::SecurityGroup');
  for (const duty of duties) {
    expect(functionOf(synthesised, duty).Properties['VpcConfig']).toMatchObject({
      SubnetIds: [{ Ref: subnet.id }],
      SecurityGroupIds: [{ 'Fn::GetAtt': [group.id, 'GroupId'] }],
    });
    const policy = only(synthesised, 'AWS::IAM::Policy', `${nameOf(duty)}Role`);
    const { Statement } = policy.Properties['PolicyDocument'] as { Statement: Statement[] };
    const ofNetwork = Statement.filter(({ Action }) => String(Action).includes('ec2:'));
    expect(ofNetwork).toMatchObject([{ Resource: '*' }]);
  }
});

describe('alarms', () => {
  const expected = [
    ...duties.map((duty) => `${duty}-errors`),
    'produce-throttles',
    'fetch-throttles',
    'consume-throttles',
    'admin-throttles',
    'broken_invariants',
    'unexplained_misses',
    'unforeseen_errors',
  ];

  test('go off at the first of anything, and never for want of data', () => {
    const synthesised = within((stack) => ({ alarmTopic: new Topic(stack, 'Topic') }));
    const topic = only(synthesised, 'AWS::SNS::Topic');
    const alarms = resourcesOf(synthesised, 'AWS::CloudWatch::Alarm');
    expect(alarms).toHaveLength(expected.length);
    for (const { id, Properties } of alarms) {
      expect(Properties, id).toMatchObject({
        Threshold: 1,
        EvaluationPeriods: 1,
        Period: 300,
        Statistic: 'Sum',
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
        AlarmDescription: expect.stringMatching(/^Tailrace: /),
      });
      expect(Properties['AlarmActions']).toEqual([{ Ref: topic.id }]);
    }
    const watched = alarms.map(({ Properties: { Namespace, MetricName, Dimensions } }) =>
      [Namespace, MetricName, JSON.stringify(Dimensions)].join(' '),
    );
    const { Variables } = functionOf(synthesised, 'produce').Properties['Environment'] as {
      Variables: Record<string, string>;
    };
    const service = [{ Name: 'service', Value: Variables['TAILRACE_DEPLOYMENT'] }];
    const functionNamed = (duty: string) => [
      { Name: 'FunctionName', Value: { Ref: functionOf(synthesised, duty).id } },
    ];
    expect(new Set(watched)).toEqual(
      new Set([
        ...duties.map((duty) => `AWS/Lambda Errors ${JSON.stringify(functionNamed(duty))}`),
        ...['produce', 'fetch', 'consume', 'admin'].map(
          (duty) => `AWS/Lambda Throttles ${JSON.stringify(functionNamed(duty))}`,
        ),
        ...['broken_invariants', 'unexplained_misses', 'unforeseen_errors'].map(
          (name) => `Tailrace ${name} ${JSON.stringify(service)}`,
        ),
      ]),
    );
  });

  test('can be told to an address', () => {
    const stack = new TailraceStack(newApp(), 'Tailrace', { alarmEmail: 'me@example.com' });
    const synthesised = Template.fromStack(stack);
    const topic = only(synthesised, 'AWS::SNS::Topic');
    expect(only(synthesised, 'AWS::SNS::Subscription').Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'me@example.com',
      TopicArn: { Ref: topic.id },
    });
    const { Properties } = only(synthesised, 'AWS::SNS::TopicPolicy');
    const { Statement: statements } = Properties['PolicyDocument'] as { Statement: Statement[] };
    expect(statements).toMatchObject([
      { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: topic.id } },
    ]);
    expect(resourcesOf(synthesised, 'AWS::CloudWatch::Alarm')).toHaveLength(expected.length);
  });

  test('are there only if somebody is told', () => {
    expect(resourcesOf(template(), 'AWS::CloudWatch::Alarm')).toEqual([]);
  });
});
