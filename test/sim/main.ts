/** npm run sim: seeded histories of the simulated world, each checked. */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { worldKinds } from './world/mix.ts';
import type { WorldKind } from './world/mix.ts';
import { noTotals, plus, runSeeds } from './world/run-seeds.ts';
import type { SeedResult, Totals } from './world/run-seeds.ts';
import { adjusted, leavable, shrink } from './world/shrink.ts';
import { simulate } from './world/simulate.ts';

interface Options {
  readonly world: WorldKind;
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly first: boolean;
  readonly json: boolean;
  readonly seed?: number;
  readonly trace: boolean;
  readonly operations?: number;
  readonly without: readonly string[];
}

function natural(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw new InvalidArgumentError('expected an integer of 0 … 2147483647.');
}

function names(text: string): readonly string[] {
  const list = text.split(',').filter((name) => name !== '');
  const unknown = list.filter((name) => !leavable.includes(name));
  if (unknown.length === 0) return list;
  throw new InvalidArgumentError(
    `unknown: ${unknown.join(', ')}. Expected some of ${leavable.join(', ')}.`,
  );
}

const program = new Command('sim')
  .description('Runs seeds of the simulated world, and checks the history of each.')
  .addOption(
    new Option('--world <kind>', 'what its clients do: of logs, or of groups and leases')
      .choices(worldKinds)
      .default('logs'),
  )
  .option('--seeds <n>', 'how many', natural, 1_000)
  .option('--from <s>', 'the first', natural, 1)
  .option('--jobs <n>', 'processes side by side', natural, availableParallelism())
  .option('--first', 'end at the first seed that is wrong', false)
  .option('--json', 'print one JSON object at the end', false)
  .option('--seed <s>', 'one seed only, and what is wrong with it', natural)
  .option('--trace', 'with --seed: who did what, when, and what the store answered', false)
  .option('--operations <n>', 'with --seed: fewer operations than it drew', natural)
  .addOption(
    new Option('--without <names>', 'with --seed: leaves faults, clients or rates out')
      .argParser(names)
      .default([], 'nothing'),
  )
  .addHelpText(
    'after',
    `
Exit code: 0 nothing is wrong, 1 something is, 2 wrong usage, 130 interrupted.

Examples:
  npm run sim -- --seeds 10000
  npm run sim -- --world groups --seeds 10000
  npm run sim -- --seeds 100000 --from 1      Ctrl-C prints the command that goes on from there
  npm run sim -- --seed 77 --trace | less
  npm run sim -- --seed 77 --operations 12 --without late,crashPerCall --trace`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

const options = program.parse().opts<Options>();
process.exitCode =
  options.seed === undefined ? await many(options) : await one(options.seed, options);

async function one(seed: number, { world, trace, operations, without }: Options): Promise<number> {
  const adjustment = { ...(operations === undefined ? {} : { operations }), without };
  const simulated = await simulate(world, seed, {
    keepTrace: trace,
    adjust: (mix) => adjusted(mix, adjustment),
  });
  const { anomalies, calls, records, injected, virtualMs, digest } = simulated;
  for (const line of simulated.trace) process.stdout.write(line);
  for (const { rule, detail } of anomalies) console.log(`${rule}: ${detail}`);
  console.log(
    `seed=${seed} operations=${simulated.operations} calls=${calls} records=${records} ` +
      `virtual_s=${(virtualMs / 1_000).toFixed(1)} anomalies=${anomalies.length}`,
  );
  console.log(`injected: ${countsText(injected)}`);
  console.log(`digest: ${digest}`);
  return anomalies.length === 0 ? 0 : 1;
}

async function many({ world, seeds, from, jobs, first, json }: Options): Promise<number> {
  const stop = new AbortController();
  let interrupted = false;
  process.on('SIGINT', () => {
    interrupted = true;
    stop.abort();
  });
  const wrong: SeedResult[] = [];
  let totals = noTotals;
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1_000;
  let shownAt = 0;
  const next = await runSeeds({
    kind: world,
    from,
    count: seeds,
    jobs: Math.max(1, Math.min(jobs, seeds)),
    stop: stop.signal,
    onResult: (result) => {
      totals = plus(totals, result);
      if (result.anomalies.length > 0) {
        wrong.push(result);
        if (!json) console.error(`\nseed=${result.seed}: ${result.anomalies[0]?.rule}`);
        if (first) stop.abort();
      }
      if (json || (seconds() - shownAt < 5 && !process.stderr.isTTY)) return;
      shownAt = seconds();
      showProgress(totals, seeds, wrong.length, shownAt);
    },
  });
  if (process.stderr.isTTY && !json) process.stderr.write('\n');
  wrong.sort((a, b) => a.seed - b.seed);
  if (json) console.log(JSON.stringify({ ...totals, seconds: seconds(), next, wrong }));
  else await report(world, totals, wrong, seconds());
  if (interrupted) {
    const left = from + seeds - next;
    console.error(
      `interrupted; go on with: npm run sim -- --world ${world} --seeds ${left} --from ${next}`,
    );
    return 130;
  }
  return wrong.length === 0 ? 0 : 1;
}

function showProgress(totals: Totals, seeds: number, wrong: number, seconds: number): void {
  const rate = (totals.seeds / seconds) * 60;
  const left = (seeds - totals.seeds) / Math.max(rate, 1);
  const text = `seeds=${totals.seeds}/${seeds} wrong=${wrong} per_minute=${rate.toFixed(0)} left_minutes=${left.toFixed(1)}`;
  process.stderr.write(process.stderr.isTTY ? `\r${text.padEnd(78)}` : `${text}\n`);
}

async function report(
  world: WorldKind,
  totals: Totals,
  wrong: readonly SeedResult[],
  seconds: number,
): Promise<void> {
  for (const { seed, anomalies, operations } of wrong.slice(0, 10)) {
    const [worst] = anomalies;
    console.log(`seed=${seed}: ${anomalies.length} anomalies, the first: ${worst?.rule}`);
    console.log(`  ${worst?.detail}`);
    const smaller = await shrink({ kind: world, seed }, worst?.rule ?? '', operations);
    const fewer = smaller.operations === undefined ? '' : ` --operations ${smaller.operations}`;
    const without = smaller.without.length === 0 ? '' : ` --without ${smaller.without.join(',')}`;
    console.log(
      `  replay: npm run sim -- --world ${world} --seed ${seed}${fewer}${without} --trace`,
    );
  }
  if (wrong.length > 10)
    console.log(
      `and seeds ${wrong
        .slice(10)
        .map(({ seed }) => seed)
        .join(' ')}`,
    );
  const { seeds, operations, calls, records, injected } = totals;
  const per = (count: number): string => (count / Math.max(1, seeds)).toFixed(1);
  const faults = Object.values(injected).reduce((sum, count) => sum + count, 0);
  console.log(
    `seeds=${seeds} wrong=${wrong.length} minutes=${(seconds / 60).toFixed(1)} per_minute=${((seeds / seconds) * 60).toFixed(0)}`,
  );
  console.log(
    `per seed: operations=${per(operations)} store_calls=${per(calls)} records=${per(records)} faults=${per(faults)}`,
  );
  console.log(`injected: ${countsText(injected)}`);
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const byCount = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  return byCount.map(([name, count]) => `${name}=${count}`.replaceAll(' ', '_')).join(' ');
}
