import { Duration } from 'aws-cdk-lib';
import { Alarm, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { metricNamespace } from '../functions/configuration.ts';
import { duties } from './permissions.ts';
import type { Duty } from './permissions.ts';
import type { TailraceFunction } from './tailrace-function.ts';

export interface AlarmsProps {
  readonly functions: Readonly<Record<Duty, TailraceFunction>>;
  /** The dimension of our own metrics. */
  readonly deployment: string;
  /** Told of every alarm that goes off. */
  readonly alarmTopic: ITopic;
}

const period = Duration.minutes(5);

/** What our own code counts and should never have to (docs/deploy.md says what to do). */
const counted = {
  broken_invariants: 'an assertion of our own failed: a bug, or damaged data',
  unexplained_misses: 'something that the log names is not there',
  unforeseen_errors: 'calls failed in a way that nobody foresaw',
} as const;

/** Twelve alarms. AWS gives an account ten for nothing; further ones cost $0.10 a month each. */
export class Alarms extends Construct {
  readonly #action: SnsAction;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#action = new SnsAction(props.alarmTopic);
    for (const duty of duties) {
      const { function: made } = props.functions[duty];
      this.#add(
        `${duty}-errors`,
        made.metricErrors({ period }),
        `Tailrace: calls of the ${duty} function ended without an answer`,
      );
      // Maintenance that is put off is done an hour later.
      if (duty === 'maintain') continue;
      this.#add(
        `${duty}-throttles`,
        made.metricThrottles({ period }),
        `Tailrace: the ${duty} function was called more often than its concurrency allows`,
      );
    }
    for (const [metricName, what] of Object.entries(counted)) {
      const metric = new Metric({
        namespace: metricNamespace,
        metricName,
        dimensionsMap: { service: props.deployment },
        statistic: 'Sum',
        period,
      });
      this.#add(metricName, metric, `Tailrace: ${what}`);
    }
  }

  /** Goes off as soon as there is one within a period. */
  #add(id: string, metric: Metric, alarmDescription: string): void {
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription,
      threshold: 1,
      evaluationPeriods: 1,
      // No calls, no data: that is idleness.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(this.#action);
  }
}
