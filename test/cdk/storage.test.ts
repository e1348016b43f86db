import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { Tailrace } from '../../cdk/tailrace.ts';
import { newApp, only, resourcesOf, template, textOf, within } from './synthesise.ts';

describe('by default', () => {
  const synthesised = template();

  test('the table costs nothing idle, can be restored, and is not deleted', () => {
    const table = only(synthesised, 'AWS::DynamoDB::Table');
    expect(table.Properties).toEqual({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: true,
        RecoveryPeriodInDays: 35,
      },
    });
    expect([table['DeletionPolicy'], table['UpdateReplacePolicy']]).toEqual(['Retain', 'Retain']);
  });

  test('the bucket is private, encrypted, versioned as long as the table can be restored, kept', () => {
    const bucket = only(synthesised, 'AWS::S3::Bucket');
    expect(bucket.Properties).toEqual({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [
          {
            Status: 'Enabled',
            NoncurrentVersionExpiration: { NoncurrentDays: 35 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            ExpiredObjectDeleteMarker: true,
          },
        ],
      },
    });
    expect([bucket['DeletionPolicy'], bucket['UpdateReplacePolicy']]).toEqual(['Retain', 'Retain']);
  });

  test('nothing but TLS 1.2 reaches the bucket', () => {
    const { Properties } = only(synthesised, 'AWS::S3::BucketPolicy');
    const { Statement } = Properties['PolicyDocument'] as { Statement: object[] };
    const { id } = only(synthesised, 'AWS::S3::Bucket');
    const arn = { 'Fn::GetAtt': [id, 'Arn'] };
    const Resource = [arn, { 'Fn::Join': ['', [arn, '/*']] }];
    expect(Statement).toEqual([
      {
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Resource,
      },
      {
        Action: 's3:*',
        Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } },
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Resource,
      },
    ]);
  });

  test('there is no key and no network that somebody would have to pay for', () => {
    for (const type of ['AWS::KMS::Key', 'AWS::EC2::SecurityGroup', 'AWS::SNS::Topic']) {
      expect(resourcesOf(synthesised, type)).toEqual([]);
    }
  });
});

test('restoreDays is how far back both can be restored', () => {
  const synthesised = template({ restoreDays: 7 });
  expect(only(synthesised, 'AWS::DynamoDB::Table').Properties).toMatchObject({
    PointInTimeRecoverySpecification: { RecoveryPeriodInDays: 7 },
  });
  expect(only(synthesised, 'AWS::S3::Bucket').Properties).toMatchObject({
    LifecycleConfiguration: { Rules: [{ NoncurrentVersionExpiration: { NoncurrentDays: 7 } }] },
  });
});

test.each([0, 36, 1.5])('restoreDays of %d are refused', (restoreDays) => {
  expect(() => new Tailrace(new Stack(newApp(), 'S'), 'T', { restoreDays })).toThrow(
    `expected restoreDays to be a whole number of 1 … 35, got ${restoreDays}`,
  );
});

test('one that is to go keeps nothing', () => {
  const removalPolicy = RemovalPolicy.DESTROY;
  const synthesised = template({ removalPolicy, autoDeleteObjects: true });
  const table = only(synthesised, 'AWS::DynamoDB::Table');
  expect(table).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: { DeletionProtectionEnabled: false },
  });
  expect(only(synthesised, 'AWS::S3::Bucket')['DeletionPolicy']).toBe('Delete');
  expect(resourcesOf(synthesised, 'Custom::S3AutoDeleteObjects')).toHaveLength(1);
  for (const logs of resourcesOf(synthesised, 'AWS::Logs::LogGroup')) {
    expect(logs['DeletionPolicy'], logs.id).toBe('Delete');
  }
  const kept = template({ removalPolicy });
  expect(resourcesOf(kept, 'Custom::S3AutoDeleteObjects')).toEqual([]);
});

test('a key of one’s own encrypts both, and the functions may use it through them only', () => {
  const synthesised = within((stack) => ({ encryptionKey: new Key(stack, 'Key') }));
  const key = only(synthesised, 'AWS::KMS::Key');
  const arn = { 'Fn::GetAtt': [key.id, 'Arn'] };
  expect(only(synthesised, 'AWS::DynamoDB::Table').Properties['SSESpecification']).toEqual({
    KMSMasterKeyId: arn,
    SSEEnabled: true,
    SSEType: 'KMS',
  });
  expect(only(synthesised, 'AWS::S3::Bucket').Properties['BucketEncryption']).toEqual({
    ServerSideEncryptionConfiguration: [
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { KMSMasterKeyID: arn, SSEAlgorithm: 'aws:kms' },
      },
    ],
  });
  for (const duty of ['Produce', 'Fetch', 'Consume', 'Admin', 'Maintain']) {
    const { Properties } = only(synthesised, 'AWS::IAM::Policy', `Tailrace${duty}Role`);
    const { Statement } = Properties['PolicyDocument'] as { Statement: object[] };
    const ofKey = Statement.filter((statement) => JSON.stringify(statement).includes('kms:'));
    expect(ofKey).toEqual([
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
        Resource: arn,
        Condition: {
          StringEquals: {
            'kms:ViaService': ['dynamodb', 's3'].map((service) => ({
              'Fn::Join': ['', [`${service}.eu-west-1.`, { Ref: 'AWS::URLSuffix' }]],
            })),
          },
        },
      },
    ]);
  }
});

test('an existing table and bucket are used as they are', () => {
  const synthesised = within((stack) => ({
    table: Table.fromTableName(stack, 'Table', 'my-table'),
    bucket: Bucket.fromBucketName(stack, 'Bucket', 'my-bucket'),
  }));
  expect(resourcesOf(synthesised, 'AWS::DynamoDB::Table')).toEqual([]);
  expect(resourcesOf(synthesised, 'AWS::S3::Bucket')).toEqual([]);
  for (const { id, Properties } of resourcesOf(synthesised, 'AWS::Lambda::Function')) {
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    expect(Variables, id).toMatchObject({
      TAILRACE_TABLE: 'my-table',
      TAILRACE_BUCKET: 'my-bucket',
    });
  }
  const { Properties } = only(synthesised, 'AWS::IAM::Policy', 'TailraceProduceRole');
  const { Statement } = Properties['PolicyDocument'] as { Statement: { Resource: unknown }[] };
  const resources = new Set(Statement.map(({ Resource }) => textOf(Resource)));
  expect(resources).toEqual(
    new Set([
      `<${only(synthesised, 'AWS::Logs::LogGroup', 'ProduceLogs').id}.Arn>`,
      'arn:aws:dynamodb:eu-west-1:123456789012:table/my-table',
      'arn:aws:s3:::my-bucket/stage/*',
    ]),
  );
});
