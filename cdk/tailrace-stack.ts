import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Tailrace } from './tailrace.ts';
import type { TailraceProps } from './tailrace.ts';

export interface TailraceStackProps extends StackProps {
  readonly tailrace?: TailraceProps;
}

/** One deployment, with what one needs to know of it as outputs. */
export class TailraceStack extends Stack {
  readonly tailrace: Tailrace;

  constructor(scope: Construct, id: string, props: TailraceStackProps = {}) {
    super(scope, id, { description: "Tailrace: Kafka's log on S3 and DynamoDB", ...props });
    this.tailrace = new Tailrace(this, 'Tailrace', props.tailrace);
    const { gateway, storage } = this.tailrace;
    const outputs = {
      ApiUrl: gateway.url,
      ApiId: gateway.apiId,
      ApiStage: gateway.stageName,
      TableName: storage.table.tableName,
      BucketName: storage.bucket.bucketName,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
