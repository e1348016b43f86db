// npm run soak -- [--minutes 2] [--seed 1] [--calm] [--keep]: a group of real processes, to which all kinds of
// things are done (docs/soak.md). Exit code: 0 nothing is wrong, 1 something is.

import { parseArgs } from 'node:util';
import { report } from './report.ts';
import { Soak } from './soak.ts';
import type { SoakOptions } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
    calm: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const numberOf = (name: 'minutes' | 'seed'): number => {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`expected --${name} to be a number above 0, got ${values[name]}`);
};

const options: SoakOptions = {
  seed: numberOf('seed'),
  ms: 60_000 * numberOf('minutes'),
  records: 200_000,
  members: 8,
  partitions: 64,
  isCalm: values.calm,
  keepsFiles: values.keep,
  onProgress: console.log,
};
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupted.abort(new Error(`ended by ${name}`)));
}
const calm = values.calm ? ' --calm' : '';
console.log(`npm run soak -- --minutes ${values.minutes} --seed ${values.seed}${calm}`);
const soak = new Soak(options);
if (values.keep) console.log(soak.folder);
const result = await soak.run(interrupted.signal);
console.log(`\n${report(options, result)}`);
process.exitCode = result.judgement.wrong.length === 0 ? 0 : 1;
