import { awsEnvironment } from '../lib/adapters/aws/environment.ts';
import { awsPrices } from '../lib/core/log/placement.ts';
import { Engine } from '../lib/engine/engine.ts';
import type { Environment } from '../lib/ports/environment.ts';
import { readConfiguration } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { Calls, storeTimeouts } from './invocation.ts';
import { embeddedMetrics } from './metrics.ts';
import { Telemetry } from './telemetry.ts';

/** What a function is put together from, once per process. */
export interface Parts {
  readonly engine: Engine;
  readonly telemetry: Telemetry;
  readonly calls: Calls;
  readonly publicUrl?: string;
}

/** A process that works on AWS, as its variables say. Rejects if it cannot work there. */
export async function start(variables: NodeJS.ProcessEnv): Promise<Parts> {
  const configuration = readConfiguration(variables);
  const { tableName, bucketName } = configuration;
  const aws = awsEnvironment({ tableName, bucketName, timeouts: storeTimeouts });
  await aws.checkTable();
  return assemble(aws.environment, configuration, aws.refresh);
}

/** `refresh` is called where an invocation begins. */
export function assemble(
  env: Environment,
  { deployment, publicUrl }: Pick<Configuration, 'deployment' | 'publicUrl'>,
  refresh: () => void,
): Parts {
  const metrics = embeddedMetrics(deployment);
  const calls = new Calls(env.clock, refresh);
  const telemetry = new Telemetry(deployment, metrics, env.clock, calls);
  const engine = new Engine(
    { ...env, metrics },
    { prices: awsPrices, onError: telemetry.failed, workMs: calls.workMs },
  );
  return { engine, telemetry, calls, ...(publicUrl === undefined ? {} : { publicUrl }) };
}
