// The set-up of the project `aws`.

import type { TestProject } from 'vitest/node';
import { startDynoxide } from './dynoxide.ts';
import { prepare, sharedEmulator } from './lane.ts';
import type { Stop } from './lane.ts';
import { probeTable } from './probe.ts';

export function setup(project: TestProject): Promise<Stop> {
  return prepare(project, async (stops) => {
    await sharedEmulator(project, stops);
    const dynoxide = await startDynoxide();
    if (dynoxide === undefined) return;
    stops.push(dynoxide.stop);
    await probeTable(dynoxide.url);
    project.provide('dynoxide', dynoxide.url);
  });
}
