// The set-up of the project `runtime`.

import type { TestProject } from 'vitest/node';
import { prepare, sharedAssembly, sharedEmulator } from '../aws/lane.ts';
import type { Stop } from '../aws/lane.ts';
import { installRuntimeClient } from './install.ts';

export function setup(project: TestProject): Promise<Stop> {
  return prepare(project, async (stops) => {
    if (process.platform !== 'linux') return;
    await installRuntimeClient();
    await sharedEmulator(project, stops);
    await sharedAssembly(project);
  });
}
