// The set-up of the project `openapi`.

import type { TestProject } from 'vitest/node';
import { prepare } from '../aws/lane.ts';
import type { Stop } from '../aws/lane.ts';
import { installSchemathesis } from './schemathesis.ts';

export function setup(project: TestProject): Promise<Stop> {
  return prepare(project, async () => void (await installSchemathesis()));
}
