import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { FunctionCode } from './sandbox.ts';

/** What a function of `functions/` is for: its folder there. */
export type Duty = 'produce' | 'fetch' | 'consume' | 'admin' | 'maintain';

const functionSchema = z.object({
  Type: z.literal('AWS::Lambda::Function'),
  Properties: z.object({
    Handler: z.string(),
    MemorySize: z.number(),
    Timeout: z.number(),
    Runtime: z.literal('nodejs24.x'),
    LoggingConfig: z.object({ LogFormat: z.string() }),
  }),
  Metadata: z.object({ 'aws:asset:path': z.string() }),
});

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.looseObject({ Metadata: z.looseObject({ 'aws:cdk:path': z.string() }).optional() }),
  ),
});

/**
 * A function as the stack deploys it: its bundle, and what its configuration says. Only the names of
 * what it works on are missing, which a deployment chooses.
 */
export async function readFunction(assembly: string, duty: Duty): Promise<FunctionCode> {
  const template = await readFile(join(assembly, 'tailrace-test-http.template.json'), 'utf8');
  const { Resources: resources } = templateSchema.parse(JSON.parse(template));
  const path = `/Tailrace/${duty}/Function/Resource`;
  const found = Object.values(resources).find(({ Metadata }) =>
    Metadata?.['aws:cdk:path'].toLowerCase().endsWith(path.toLowerCase()),
  );
  const { Properties: properties, Metadata: metadata } = functionSchema.parse(found);
  return {
    name: duty,
    taskRoot: join(assembly, metadata['aws:asset:path']),
    handler: properties.Handler,
    environment: { AWS_LAMBDA_LOG_FORMAT: properties.LoggingConfig.LogFormat.toUpperCase() },
    memoryMb: properties.MemorySize,
    timeoutMs: properties.Timeout * 1_000,
    concurrency: 1,
  };
}
