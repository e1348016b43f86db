// The set-up of the projects `http-api` and `rest-api`: the stack of the project's name, deployed.

import { rm } from 'node:fs/promises';
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import { bootstrap, deploy, synthesise } from '../deploy.ts';
import type { ApiKind, Deployment } from '../deploy.ts';
import { prepare, sharedEmulator, timed } from '../lane.ts';
import type { Stop } from '../lane.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of what is to be deployed. */
    assembly: string;
    /** The API that is deployed. */
    deployment: Deployment | undefined;
  }
}

export function setup(project: TestProject): Promise<Stop> {
  return prepare(project, async (stops) => {
    const emulator = await sharedEmulator(project, stops);
    const assembly = await sharedAssembly(project, emulator, stops);
    const kind = project.name as ApiKind;
    const deployment = await timed(`cdk deploy ${kind}`, () => deploy(emulator, assembly, kind));
    project.provide('deployment', deployment);
  });
}

/** Synthesised, and the emulator made ready for it, by the first project that deploys. */
async function sharedAssembly(
  project: TestProject,
  emulator: string,
  stops: Stop[],
): Promise<string> {
  const known: Partial<ProvidedContext> = project.vitest.getProvidedContext();
  if (known.assembly !== undefined) return known.assembly;
  const assembly = await timed('cdk synth', synthesise);
  stops.push(() => rm(assembly, { recursive: true }));
  await timed('cdk bootstrap', () => bootstrap(emulator, assembly));
  project.vitest.provide('assembly', assembly);
  return assembly;
}
