// The set-up of the project `package`: what `npm pack` makes, installed as somebody else would.

import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import * as z from 'zod';
import { pack } from '../../package/build.ts';
import type { Packed } from '../../package/build.ts';
import { install, newProject } from '../../package/installation.ts';
import { prepare, timed } from '../aws/lane.ts';
import type { Stop } from '../aws/lane.ts';

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed;
    /** A project with nothing but the package. */
    project: string;
    /** One that deploys and compiles, too: with aws-cdk-lib, constructs and the types of Node. */
    cdkProject: string;
  }
}

export function setup(project: TestProject): Promise<Stop> {
  return prepare(project, async (stops) => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'tailrace-package-')));
    stops.push(() => rm(folder, { recursive: true }));
    const packed = await timed('npm run pack', pack);
    project.provide('packed', packed);
    const others = ['aws-cdk-lib', 'constructs', '@types/node'];
    const versions = await Promise.all(others.map(versionHere));
    for (const [name, packages] of [
      ['project', []],
      ['cdkProject', others.map((other, index) => `${other}@${versions[index]}`)],
    ] as const) {
      const own = join(folder, name);
      await newProject(own);
      await timed(`npm install of ${name}`, () => install(own, [packed.tarball, ...packages]));
      project.provide(name, own);
    }
  });
}

/** So that npm has it already, from the repository's own installation. */
async function versionHere(name: string): Promise<string> {
  const path = resolve(import.meta.dirname, '../../node_modules', name, 'package.json');
  const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}
