/**
 * `npm run bench:client`: what the client reaches through each of its transports on this machine,
 * beside kafkajs and @platformatic/kafka against a Kafka of one node, by turns in the same run.
 *
 * However it ends, ^C included, servers and workers see that it is gone, and end.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { machineFacts, number } from '../report.ts';
import { isKafka } from './driver.ts';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';
import { kafkaVersion } from './kafka.ts';
import { boundsText, figuresText, promisesText, slowText } from './print.ts';
import { usageOf } from './processes.ts';
import { measureRounds } from './rounds.ts';
import type { Client, Measured, Plan } from './rounds.ts';
import { rowNames, startRows } from './rows.ts';
import type { Servers } from './rows.ts';
import { slowConsumers } from './slow-consumers.ts';
import type { SlowPlan } from './slow-consumers.ts';
import { steps } from './steps.ts';
import { WorkerProcess } from './worker-process.ts';

const help = `npm run bench:client [-- options]

  --seconds N    that a step is measured in each round, 0.25 by default
  --records N    a step ends after so many records, if that is sooner
  --rounds N     3 by default; fewer if they take more than 100 s
  --only TEXT    rows whose name contains this, such as http or kafkajs
  --quick        one round of short steps, one partition, no emulator, smaller topics
  --json         figures only
  --help

Rows: ${rowNames.join('; ')}.
Kafka needs Java 17, and the first time Maven: 43 MB go into .cache/kafka.
`;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string' },
    records: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const MiB = 2 ** 20;
const { quick } = options;
const plan: Plan = {
  steps: quick ? steps.filter(({ partitions }) => partitions === 1) : steps,
  boundMs: quick ? 10 : 30,
  limit: {
    ms: Number(options.seconds ?? (quick ? 0.08 : 0.25)) * 1_000,
    records: Number(options.records ?? Infinity),
  },
  rounds: Number(options.rounds ?? (quick ? 1 : 3)),
  fillBytes: (quick ? 2 : 12) * MiB,
  fillMs: quick ? 250 : 1_500,
  budgetMs: 100_000,
};
const slowPlan: SlowPlan = {
  topicBytes: (quick ? 32 : 208) * MiB,
  recordBytes: 1_024,
  ms: quick ? 2_000 : 8_000,
};

const say = (text = ''): void => {
  if (!options.json) console.log(text);
};

const load = (): string => loadavg().map(number).join(' ');

function startClients({ rows }: Servers): Promise<readonly Client[]> {
  return Promise.all(
    rows.map(async (row) => ({
      row,
      worker: await WorkerProcess.start(row.name, row.target, row.env),
    })),
  );
}

function allFigures({ observed }: Measured, { rows }: Servers): readonly Figures[] {
  return steps.flatMap((step) =>
    rows.flatMap((row) => {
      const own = observed.filter((each) => each.step.name === step.name && each.row === row.name);
      return figuresOf(own) ?? [];
    }),
  );
}

function residentText({ rows }: Servers, { observed }: Measured): string {
  return rows
    .map(({ name, pids }) => {
      const client = observed.findLast(({ row }) => row === name)?.done.residentMiB ?? Number.NaN;
      const server = usageOf(pids)?.residentMiB ?? Number.NaN;
      return `  ${name.padEnd(22)} ${number(client).padStart(8)} ${number(server).padStart(8)}`;
    })
    .join('\n');
}

async function bench(servers: Servers): Promise<void> {
  const clients = await startClients(servers);
  const measured = await measureRounds(clients, plan, servers.folder);
  const figures = allFigures(measured, servers);
  say(`load average before each round: ${measured.loads.map(number).join(', ')}`);
  say('\nwhat the machine allows, medians of the rounds');
  say(boundsText(measured.bounds));
  say('\nmedians of the rounds; µs: CPU per record; x: times short of what the machine allows');
  say(figuresText(figures));
  say(`\nresident MiB after that${' '.repeat(4)}client   server`);
  say(residentText(servers, measured));
  const slow = await slowConsumers(clients, slowPlan);
  say('\na consumer that takes a record of 1 KiB each 10 ms; resident MiB: idle, and beyond that');
  say(slowText(slow));
  if (!options.json) return;
  const machine = machineFacts(servers.folder);
  console.log(
    JSON.stringify({ machine, ...measured, observed: undefined, figures, slow }, null, 2),
  );
}

async function main(): Promise<void> {
  if (options.help) return void process.stdout.write(help);
  const began = performance.now();
  const names = rowNames.filter(
    (name) => name.includes(options.only) && !(quick && name.endsWith('emulated')),
  );
  if (names.length === 0) throw new Error(`expected a part of a row's name only=${options.only}`);
  const servers = await startRows(names, say);
  try {
    const machine = machineFacts(servers.folder);
    say(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.fileSystem}`);
    const kafka = servers.rows.some(({ target }) => isKafka(target)) ? kafkaVersion : 'not there';
    say(`node ${machine.node}, Kafka ${kafka}, ${new Date().toISOString()}`);
    say(`load average ${load()}\n`);
    say(promisesText(servers.rows.map(({ name }) => name)));
    say();
    await bench(servers);
  } finally {
    await servers.stop();
  }
  say(`\nload average ${load()}; ${number((performance.now() - began) / 1_000)} s in all`);
}

await main();
