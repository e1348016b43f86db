import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { GrantOnPrincipalOptions, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { permissions } from './permissions.ts';
import type { Duty } from './permissions.ts';

export interface StorageProps {
  /** An existing one is used as it is: key `pk` and `sk`, both strings, and no replicas. */
  readonly table?: ITable;
  /** An existing one is used as it is. */
  readonly bucket?: IBucket;
  /** Encrypts table and bucket; by default the keys that AWS owns do, at no cost. */
  readonly encryptionKey?: IKey;
  /** How far back table and bucket can be restored together: 1 … 35 days. */
  readonly restoreDays: number;
  readonly removalPolicy: RemovalPolicy;
  /**
   * With `RemovalPolicy.DESTROY`: also what lies in the bucket, which must be empty to be deleted, and
   * as a versioned one is not emptied by hand. It takes a function of CDK's own.
   */
  readonly autoDeleteObjects?: boolean;
}

type Allowed = Omit<GrantOnPrincipalOptions, 'grantee'>;

/** Where everything lies: one table, one bucket. */
export class Storage extends Construct {
  readonly table: ITable;
  readonly bucket: IBucket;
  readonly #encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, props: StorageProps) {
    super(scope, id);
    const { restoreDays: days } = props;
    if (!Number.isInteger(days) || days < 1 || days > 35) {
      throw new Error(`expected restoreDays to be a whole number of 1 … 35, got ${days}`);
    }
    this.#encryptionKey = props.encryptionKey;
    this.table = props.table ?? newTable(this, props);
    this.bucket = props.bucket ?? newBucket(this, props);
  }

  /** Of all objects that are written so far: their names begin with the epoch of their stage. */
  get stagedObjectsArn(): string {
    return this.bucket.arnForObjects('stage/*');
  }

  /** Lets someone do with table and bucket what a function of this duty does, and nothing else. */
  grant(duty: Duty, grantee: IGrantable): Grant {
    return this.#allowed(duty)
      .map((allowed) => Grant.addToPrincipal({ grantee, ...allowed }))
      .reduce((all, grant) => all.combine(grant));
  }

  #allowed(duty: Duty): Allowed[] {
    const { table, objects, listsObjects } = permissions[duty];
    const { tableArn } = this.table;
    const list = { actions: ['s3:ListBucket'], resourceArns: [this.bucket.bucketArn] };
    return [
      // To see that it is not replicated with the last writer winning.
      { actions: ['dynamodb:DescribeTable'], resourceArns: [tableArn] },
      ...table.map(({ actions, items }) => ({
        actions: actions.map((action) => `dynamodb:${action}`),
        resourceArns: [tableArn],
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': items } },
      })),
      {
        actions: objects.map((action) => `s3:${action}`),
        resourceArns: [this.stagedObjectsArn],
      },
      ...(listsObjects ? [list] : []),
      ...this.#allowedKey(),
    ];
  }

  /** What the two services ask of whoever lets them encrypt with a key of one's own. */
  #allowedKey(): Allowed[] {
    if (this.#encryptionKey === undefined) return [];
    const { region, urlSuffix } = Stack.of(this);
    const services = ['dynamodb', 's3'].map((service) => `${service}.${region}.${urlSuffix}`);
    return [
      {
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
        resourceArns: [this.#encryptionKey.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': services } },
      },
    ];
  }
}

// The classes of CDK do not fit their own interfaces where a property that may be absent may not be
// undefined.

function newTable(scope: Construct, props: StorageProps): ITable {
  const { encryptionKey, removalPolicy, restoreDays } = props;
  return new Table(scope, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: true,
      recoveryPeriodInDays: restoreDays,
    },
    deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
    removalPolicy,
    ...(encryptionKey === undefined
      ? {}
      : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
  }) as ITable;
}

function newBucket(scope: Construct, props: StorageProps): IBucket {
  const { encryptionKey, removalPolicy, restoreDays } = props;
  const bucket = new Bucket(scope, 'Bucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    lifecycleRules: [
      {
        noncurrentVersionExpiration: Duration.days(restoreDays),
        expiredObjectDeleteMarker: true,
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy,
    autoDeleteObjects: props.autoDeleteObjects === true,
    ...(encryptionKey === undefined
      ? { encryption: BucketEncryption.S3_MANAGED }
      : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }),
  });
  acknowledge(bucket, {
    S1: 'only the functions use it, and a log of each request would cost as much as the requests',
  });
  return bucket as IBucket;
}
