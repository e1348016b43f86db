import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { Tailrace } from './tailrace.ts';
import type { TailraceProps } from './tailrace.ts';

export interface TailraceStackProps extends StackProps {
  readonly tailrace?: TailraceProps;
  /** Who is told of alarms, in place of a topic of one's own (`tailrace.alarmTopic`). */
  readonly alarmEmail?: string;
}

/** One deployment, with what one needs to know of it as outputs. */
export class TailraceStack extends Stack {
  readonly tailrace: Tailrace;

  constructor(
    scope: Construct,
    id: string,
    { tailrace, alarmEmail, ...props }: TailraceStackProps = {},
  ) {
    super(scope, id, { description: "Tailrace: Kafka's log on S3 and DynamoDB", ...props });
    const alarms = alarmEmail === undefined ? {} : { alarmTopic: topicTo(this, alarmEmail) };
    this.tailrace = new Tailrace(this, 'Tailrace', { ...alarms, ...tailrace });
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

function topicTo(scope: Construct, email: string): ITopic {
  const topic = new Topic(scope, 'AlarmTopic', { enforceSSL: true });
  topic.addSubscription(new EmailSubscription(email));
  // A topic with a policy of its own has lost the one that lets the account's alarms in.
  topic.grantPublish(new ServicePrincipal('cloudwatch.amazonaws.com'));
  return topic;
}
