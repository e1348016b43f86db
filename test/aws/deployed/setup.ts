// The set-up of the projects `http-api` and `rest-api`: the stack of the project's name, deployed.

import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import { bootstrap, deploy } from '../deploy.ts';
import type { ApiKind, Deployment } from '../deploy.ts';
import { prepare, sharedAssembly, sharedEmulator, timed } from '../lane.ts';
import type { Stop } from '../lane.ts';

declare module 'vitest' {
  interface ProvidedContext {
    bootstrapped: boolean;
    /** The API that is deployed. */
    deployment: Deployment | undefined;
  }
}

export function setup(project: TestProject): Promise<Stop> {
  return prepare(project, async (stops) => {
    const emulator = await sharedEmulator(project, stops);
    const assembly = await sharedAssembly(project);
    await bootstrapOnce(project, emulator, assembly);
    const kind = project.name as ApiKind;
    const deployment = await timed(`cdk deploy ${kind}`, () => deploy(emulator, assembly, kind));
    project.provide('deployment', deployment);
  });
}

/** Once in a run. */
async function bootstrapOnce(project: TestProject, emulator: string, assembly: string) {
  const known: Partial<ProvidedContext> = project.vitest.getProvidedContext();
  if (known.bootstrapped === true) return;
  await timed('cdk bootstrap', () => bootstrap(emulator, assembly));
  project.vitest.provide('bootstrapped', true);
}
