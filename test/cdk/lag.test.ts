import { Duration } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, test } from 'vitest';
import { isLagEvent } from '../../functions/configuration.ts';
import { only, resourcesOf, template, textOf, within } from './synthesise.ts';

const late = { group: 'billing', topic: 'orders', threshold: 1_000 };

test('nobody measures lag unless that is said', () => {
  const synthesised = template();
  expect(resourcesOf(synthesised, 'AWS::Events::Rule')).toHaveLength(1);
  const refused = 'expected the prop lagMetrics';
  expect(() => within(Object, (tailrace) => tailrace.alarmOnLag(late))).toThrow(refused);
  expect(() => within(Object, (tailrace) => tailrace.lagMetric('g', 't'))).toThrow(refused);
});

test('a schedule of its own tells maintenance to measure', () => {
  const synthesised = template({ lagMetrics: {} });
  const rule = only(synthesised, 'AWS::Events::Rule', 'Lag');
  expect(rule.Properties).toMatchObject({
    ScheduleExpression: 'rate(5 minutes)',
    State: 'ENABLED',
  });
  const [target] = rule.Properties['Targets'] as Record<string, unknown>[];
  const maintain = only(synthesised, 'AWS::Lambda::Function', 'TailraceMaintainFunction');
  expect(target).toMatchObject({ RetryPolicy: { MaximumRetryAttempts: 0 } });
  expect(textOf(target?.['Arn'])).toBe(`<${maintain.id}.Arn>`);
  expect(isLagEvent(JSON.parse(String(target?.['Input'])))).toBe(true);
  expect(isLagEvent({ source: 'aws.events' })).toBe(false);
  const [passes] = only(synthesised, 'AWS::Events::Rule', 'TailraceSchedule').Properties[
    'Targets'
  ] as Record<string, unknown>[];
  expect(passes).not.toHaveProperty('Input');
});

test('an alarm watches what the function tells, and tells who is to be told', () => {
  const synthesised = within(
    (stack) => ({
      alarmTopic: new Topic(stack, 'Topic'),
      lagMetrics: { every: Duration.minutes(1) },
    }),
    (tailrace) => {
      tailrace.alarmOnLag(late);
      tailrace.alarmOnLag({ ...late, threshold: 9_000, evaluationPeriods: 1 });
    },
  );
  expect(only(synthesised, 'AWS::Events::Rule', 'Lag').Properties['ScheduleExpression']).toBe(
    'rate(1 minute)',
  );
  const { Properties: produce } = only(
    synthesised,
    'AWS::Lambda::Function',
    'TailraceProduceFunction',
  );
  const { Variables } = produce['Environment'] as { Variables: Record<string, string> };
  const alarms = resourcesOf(synthesised, 'AWS::CloudWatch::Alarm').filter(
    ({ Properties }) => Properties['MetricName'] === 'ConsumerLag',
  );
  expect(alarms).toHaveLength(2);
  for (const { Properties } of alarms) {
    expect(Properties).toMatchObject({
      Namespace: 'Tailrace',
      Statistic: 'Maximum',
      Period: 60,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [{ Ref: only(synthesised, 'AWS::SNS::Topic').id }],
    });
    const dimensions = Properties['Dimensions'] as { Name: string; Value: string }[];
    expect(Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value]))).toEqual({
      service: Variables['TAILRACE_DEPLOYMENT'],
      group: 'billing',
      topic: 'orders',
    });
  }
  const limits = alarms.map(({ Properties: { Threshold, EvaluationPeriods } }) => [
    Threshold,
    EvaluationPeriods,
  ]);
  expect(limits).toEqual([
    [1_000, 3],
    [9_000, 1],
  ]);
});

test('an alarm may have nobody to tell', () => {
  const synthesised = within(
    () => ({ lagMetrics: {} }),
    (tailrace) => tailrace.alarmOnLag({ ...late, group: 'größe' }),
  );
  const { Properties } = only(synthesised, 'AWS::CloudWatch::Alarm');
  expect(Properties).not.toHaveProperty('AlarmActions');
  // CloudWatch takes ASCII only.
  expect(JSON.stringify(Properties['Dimensions'])).toContain('gr%C3%B6%C3%9Fe');
});
