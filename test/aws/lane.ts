import { join } from 'node:path';
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import { must } from '../../lib/std/assert.ts';
import { synthesise } from './deploy.ts';
import { startEmulator } from './emulator.ts';
import { probeObjects, probeTable } from './probe.ts';

/** What a test may `inject`, in the projects that have it. */
declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the emulated AWS. */
    emulator: string;
    /** A folder that goes with it. */
    emulatorFolder: string;
    /** Folder of what is to be deployed, functions bundled. */
    assembly: string;
    /** URL of a second DynamoDB, where there is one (`startDynoxide`). */
    dynoxide: string | undefined;
    /** Why the lane cannot run. Each of its test files fails with it. */
    broken: string | undefined;
  }
}

/** Ends something, as soon as the last test has run. */
export type Stop = () => Promise<void>;

/**
 * The set-up of a project: does `work`, and returns the teardown. If that fails, the tests of this
 * project fail, with the reason; all others run.
 */
export async function prepare(
  project: TestProject,
  work: (stops: Stop[]) => Promise<void>,
): Promise<Stop> {
  const stops: Stop[] = [];
  try {
    await work(stops);
  } catch (error) {
    project.provide('broken', (error as Error).message);
  }
  return async () => {
    for (const stop of stops.toReversed()) await stop();
  };
}

/** The emulator of this run. It is started, and put to the probe, by the first project to ask. */
export async function sharedEmulator(project: TestProject, stops: Stop[]): Promise<string> {
  const { emulator, broken }: Partial<ProvidedContext> = project.vitest.getProvidedContext();
  if (broken !== undefined) throw new Error(broken);
  if (emulator !== undefined) return emulator;
  try {
    const { url, folder, stop } = await startEmulator();
    stops.push(stop);
    await probeObjects(url);
    await probeTable(url);
    project.vitest.provide('emulator', url);
    project.vitest.provide('emulatorFolder', folder);
    return url;
  } catch (error) {
    project.vitest.provide('broken', (error as Error).message);
    throw error;
  }
}

/** What is to be deployed, once `sharedEmulator` is there. Synthesised by the first to ask. */
export async function sharedAssembly(project: TestProject): Promise<string> {
  const known: Partial<ProvidedContext> = project.vitest.getProvidedContext();
  if (known.assembly !== undefined) return known.assembly;
  const assembly = join(must(known.emulatorFolder, 'emulator'), 'assembly');
  await timed('cdk synth', () => synthesise(assembly));
  project.vitest.provide('assembly', assembly);
  return assembly;
}

/** Prints how long a slow step of a run took. */
export async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return result;
}
