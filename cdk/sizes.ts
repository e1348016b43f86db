// Prints the sizes of the functions, as docs/deploy.md has them.

import { bundles } from './bundles.ts';

const shown = (count: number): string => count.toLocaleString('en-US');

console.log('| function | bytes | zipped |\n| --- | --- | --- |');
for (const { duty, bytes, zippedBytes } of await bundles()) {
  console.log(`| ${duty} | ${shown(bytes)} | ${shown(zippedBytes)} |`);
}
