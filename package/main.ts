// `npm run pack`: makes the tarball, installs it in an empty project, and prints what docs/package.md tells.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from './build.ts';
import { importTimes, install, installedIn, newProject } from './installation.ts';

const shown = (count: number): string => count.toLocaleString('en-US');

const { bytes, files, tarball, unpackedBytes } = await pack();
console.log(`${tarball}\n\n| what | packages | files | bytes |\n| --- | --- | --- | --- |`);
console.log(`| tarball | 1 | ${files.length} | ${shown(bytes)} |`);
console.log(`| tarball, unpacked | 1 | ${files.length} | ${shown(unpackedBytes)} |`);

const project = await mkdtemp(join(tmpdir(), 'tailrace-pack-'));
try {
  await newProject(project);
  await install(project, [tarball]);
  const installed = await installedIn(project);
  const count = installed.packages.length;
  console.log(`| installed in an empty project | ${count} | | ${shown(installed.bytes)} |`);
  console.log('\n| import of | CPU ms, with the process | CPU ms |\n| --- | --- | --- |');
  for (const { what, ms, ownMs } of await importTimes(project, ['tailrace'])) {
    console.log(`| ${what} | ${ms.toFixed(0)} | ${ownMs.toFixed(0)} |`);
  }
} finally {
  await rm(project, { recursive: true });
}
