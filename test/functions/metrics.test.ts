import { expect, test } from 'vitest';
import { embeddedMetrics } from '../../functions/metrics.ts';
import { writtenLines } from './written-lines.ts';

const lines = writtenLines();

test('counts and durations become one line of the embedded format', () => {
  const metrics = embeddedMetrics('deployment-1');
  metrics.count('spill_groups');
  metrics.count('spill_groups', 2);
  metrics.observe('commit_ms', 7.5);
  metrics.observe('batch_bytes', 100);
  metrics.observe('runs', 3);
  metrics.publish();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    _aws: {
      CloudWatchMetrics: [
        {
          Namespace: 'Tailrace',
          Dimensions: [['service']],
          Metrics: [
            { Name: 'spill_groups', Unit: 'Count' },
            { Name: 'commit_ms', Unit: 'Milliseconds' },
            { Name: 'batch_bytes', Unit: 'Bytes' },
            { Name: 'runs', Unit: 'None' },
          ],
        },
      ],
    },
    service: 'deployment-1',
    spill_groups: [1, 2],
    commit_ms: 7.5,
  });
});

test('nothing counted is nothing written', () => {
  const metrics = embeddedMetrics('deployment-1');
  metrics.publish();
  metrics.count('a');
  metrics.publish();
  metrics.publish();
  expect(lines).toHaveLength(1);
});
