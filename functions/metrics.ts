import { MetricUnit, Metrics as EmbeddedMetrics } from '@aws-lambda-powertools/metrics';
import type { Metrics } from '../lib/ports/environment.ts';
import { metricNamespace } from './configuration.ts';

export interface PublishedMetrics extends Metrics {
  /** Writes what was counted since the last time as one line of CloudWatch's embedded format. */
  publish(): void;
  /** Writes one value under further dimensions, as a line of its own. */
  publishOne(name: string, value: number, dimensions: Record<string, string>): void;
}

/** Counters as CloudWatch metrics. Nothing counted, nothing written: metrics cost by the month. */
export function embeddedMetrics(deployment: string): PublishedMetrics {
  const metrics = new EmbeddedMetrics({ namespace: metricNamespace, serviceName: deployment });
  return {
    count: (name, value = 1) => void metrics.addMetric(name, MetricUnit.Count, value),
    observe: (name, value) => void metrics.addMetric(name, unitOf(name), value),
    publish: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
    publishOne: (name, value, dimensions) => {
      const single = metrics.singleMetric();
      single.addDimensions(dimensions);
      single.addMetric(name, MetricUnit.Count, value);
    },
  };
}

function unitOf(name: string) {
  if (name.endsWith('_ms')) return MetricUnit.Milliseconds;
  return name.endsWith('_bytes') ? MetricUnit.Bytes : MetricUnit.NoUnit;
}
