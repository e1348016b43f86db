import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  lagDimensions,
  lagEvent,
  lagMetricName,
  metricNamespace,
} from '../functions/configuration.ts';

export interface LagMetricsProps {
  /** Time between two looks at all groups: 5 min by default, at least 1 min. */
  readonly every?: Duration;
}

export interface LagAlarmProps {
  readonly group: string;
  readonly topic: string;
  /** It goes off above so many records, in all partitions of the topic together … */
  readonly threshold: number;
  /** … in each of so many looks: 3 by default. */
  readonly evaluationPeriods?: number;
}

interface LagProps {
  readonly every: Duration;
  /** Measures when it is called by the schedule. */
  readonly function: IFunction;
  readonly deployment: string;
  readonly alarmTopic: ITopic | undefined;
}

/** How far consumer groups are behind, as a metric per group and topic. */
export class Lag extends Construct {
  readonly #props: LagProps;

  constructor(scope: Construct, id: string, props: LagProps) {
    super(scope, id);
    this.#props = props;
    const event = RuleTargetInput.fromObject(lagEvent);
    new Rule(this, 'Schedule', {
      description: 'Tailrace: measures the lag of consumer groups',
      schedule: Schedule.rate(props.every),
      // The next look says more than a late one.
      targets: [new LambdaFunction(props.function, { event, retryAttempts: 0 })],
    });
  }

  metric(group: string, topic: string): Metric {
    const { deployment, every } = this.#props;
    return new Metric({
      namespace: metricNamespace,
      metricName: lagMetricName,
      dimensionsMap: { service: deployment, ...lagDimensions(group, topic) },
      // Looks do not keep to periods: two in one must not be added up.
      statistic: 'Maximum',
      period: every,
    });
  }

  alarm({ group, topic, threshold, evaluationPeriods = 3 }: LagAlarmProps): Alarm {
    const alarm = new Alarm(this, `${group} ${topic} ${threshold}`, {
      metric: this.metric(group, topic),
      alarmDescription: `Tailrace: the group ${group} is far behind in ${topic}`,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods,
    });
    const { alarmTopic } = this.#props;
    if (alarmTopic !== undefined) alarm.addAlarmAction(new SnsAction(alarmTopic));
    return alarm;
  }
}
