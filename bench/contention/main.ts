/**
 * `npm run bench:contention`: what uncoordinated writers do to each other on one partition, by the
 * engine as it is, on stores with the latency, the capacity and the bill of AWS's, in virtual time.
 * One seed always gives the same table.
 */
import { parseArgs } from 'node:util';
import { columns, number } from '../report.ts';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';
import { observe } from './load.ts';
import { rowsOf } from './loads.ts';
import type { Row } from './loads.ts';
import { slowest } from './slowest.ts';
import { casWriter, engineWriter } from './writers.ts';

const help = `npm run bench:contention [-- options]

  --seconds N    virtual time that is measured in each row, 20 by default; more at low rates
  --seed N       1 by default
  --only TEXT    rows whose name or bytes contain this
  --slowest N    the calls of the N slowest commits of each row, in the order of their sending
  --json         figures only
`;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    slowest: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const writers = [
  { who: 'tailrace', start: engineWriter },
  { who: 'plain cas', start: casWriter },
] as const;

interface Measured extends Figures {
  readonly row: string;
  readonly who: string;
  readonly valueBytes: number;
}

const widths = [-16, -9, 6, 6, 6, 6, 6, 6, 5, 5, 6, 4, 5];
const heads = 'load|by|/s|p50|p99|p99*|tries|units|reads|throt|failed|cold'.split('|');

function line(cells: readonly string[]): string {
  const padded = cells.map((cell, i) => {
    const width = widths[i] ?? 0;
    return width < 0 ? cell.padEnd(-width) : cell;
  });
  return columns(
    widths.map((width) => Math.abs(width)),
    padded,
  );
}

const figures = (found: Figures): readonly string[] => [
  number(found.commitsPerSecond),
  number(found.p50Ms),
  number(found.p99Ms),
  number(found.p99PlainMs),
  number(found.attempts),
  number(found.writeUnits),
  number(found.readUnits),
  number(found.throttled),
  `${found.failed}`,
  `${found.coldStarts}`,
];

const say = (text: string): void => {
  if (!options.json) console.log(text);
};

async function measure(row: Row): Promise<readonly Measured[]> {
  const found: Measured[] = [];
  for (const { who, start } of writers) {
    const run = { ...row, start, seed: Number(options.seed) };
    const observed = await observe(run);
    const measured = figuresOf(observed, run);
    const { valueBytes } = row.load;
    found.push({ row: row.name, who, valueBytes, ...measured });
    say(line([found.length === 1 ? row.name : '', who, ...figures(measured)]));
    for (const trace of slowest(observed, Number(options.slowest))) say(`    ${trace}`);
  }
  return found;
}

async function main(): Promise<void> {
  if (options.help) return void process.stdout.write(help);
  const all: Measured[] = [];
  for (const valueBytes of [100, 1_000]) {
    const rows = rowsOf(valueBytes, Number(options.seconds)).filter(({ name }) =>
      `${name} ${valueBytes} B`.includes(options.only),
    );
    if (rows.length === 0) continue;
    say(`\nbatches of one record of ${valueBytes} bytes; times in ms; per commit: tries … throt\n`);
    say(line(heads));
    for (const row of rows) all.push(...(await measure(row)));
  }
  if (options.json) console.log(JSON.stringify(all, undefined, 2));
  say('\np99* is without the commits that spill. units: write units, an upload counted as 8.');
}

await main();
