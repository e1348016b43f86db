/**
 * `npm run bench [-- --quick] [--json] [--save]`: what the engine and the server reach on this machine,
 * beside what the machine allows, measured in the same run. `--save` makes this run the baseline
 * that later ones are compared with.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crcMiB, fdatasyncs, sqliteCommits, syncedMiB } from './bounds.ts';
import { closedLoop, median, openLoop, pause } from './measure.ts';
import { measurePolls, nameOfPolls, pollLoads } from './polls.ts';
import { Report, columns, machineFacts, number, ratio } from './report.ts';
import type { Baseline } from './report.ts';
import { Server } from './server.ts';
import { openBroker } from './store.ts';
import type { StoreKind } from './store.ts';
import {
  alone,
  echo,
  fetchBatches,
  fetchHttp,
  loads,
  nameOf,
  produceBatches,
  produceBody,
  produceHttp,
  produceRecords,
} from './throughput.ts';
import type { Load } from './throughput.ts';

const baselinePath = join(import.meta.dirname, 'baseline.json');

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});

/** How long a figure is measured, and the bound of one that is measured beside it. */
const forMs = options.quick ? 200 : 1_200;
const boundMs = options.quick ? 60 : 200;

const report = new Report(readBaseline(), options.json);
const scratch = mkdtempSync(join(tmpdir(), 'tailrace-bench-'));

function readBaseline(): Baseline {
  try {
    const stored = JSON.parse(readFileSync(baselinePath, 'utf8')) as { figures: Baseline };
    return stored.figures;
  } catch {
    return {};
  }
}

async function lowerBounds(): Promise<{ readonly crc: number }> {
  const sync = await fdatasyncs(scratch, forMs);
  const sqlite = await sqliteCommits(scratch, forMs);
  const crc = await crcMiB(forMs);
  const server = await Server.echo();
  const body = { type: 'application/json', bytes: Buffer.alloc(200) };
  const one = await closedLoop(1, forMs, () => server.ask('POST', '/', body));
  const many = await closedLoop(16, forMs, () => server.ask('POST', '/', body));
  await server.stop();
  report.line('lower bounds: what this machine allows');
  const show = (name: string, value: number, unit: string, more = ''): void => {
    const change = report.change(report.add({ name: `bound ${name}`, value, unit }));
    report.line(
      `  ${name.padEnd(34)} ${number(value).padStart(9)} ${unit.padEnd(6)} ${change.padStart(5)} ${more}`,
    );
  };
  const times = (rate: typeof one): string =>
    `p50 ${number(rate.p50Ms)} p99 ${number(rate.p99Ms)} ms`;
  show('fdatasync of 4 KiB, one at a time', sync.perSecond, '/s', times(sync));
  show('sqlite commit, one at a time', sqlite.perSecond, '/s', times(sqlite));
  show('crc32c', crc, 'MiB/s');
  show('http echo, 1 connection', one.perSecond, '/s', times(one));
  show('http echo, 16 connections', many.perSecond, '/s', times(many));
  return { crc };
}

const engineWidths = [8, 5, 1, 5, 2, 9, 5, 5, 5, 5, 5, 5, 5];

async function engineThroughput(kind: StoreKind, crc: number): Promise<void> {
  for (const load of kind === 'embedded' ? [...alone, ...loads] : loads) {
    const { broker, close } = await openBroker(kind, scratch);
    await broker.createTopic({ name: load.topic, partitions: load.partitions });
    const inline = kind === 'embedded' && load.batch === 1;
    const before = await embeddedBound(kind, load);
    const records = await produceRecords(broker, load, forMs);
    const after = await embeddedBound(kind, load);
    const raw = await produceBatches(broker, load, forMs);
    const last = await embeddedBound(kind, load);
    const fetched = await fetchBatches(broker, load, forMs / 2);
    await close();
    const name = `${kind} ${nameOf(load)}`;
    const figure = (what: string, value: number, bound: number) =>
      report.add({ name: `${name}, ${what}`, value, unit: inline ? '/s' : 'MiB/s', bound });
    const of = ({ recordsPerSecond, mibPerSecond }: typeof records): number =>
      inline ? recordsPerSecond : mibPerSecond;
    const produce = figure('produce', of(records), (before + after) / 2 || crc);
    const batches = figure('raw', of(raw), (after + last) / 2 || crc);
    const unit = 'MiB/s';
    const fetches = report.add({
      name: `${name}, fetch`,
      value: fetched.mibPerSecond,
      unit,
      bound: crc,
    });
    report.line(
      columns(engineWidths, [
        kind,
        `${load.recordBytes}`,
        `${load.partitions}`,
        `${load.batch}`,
        `${load.lanes}`,
        number(records.recordsPerSecond),
        number(records.mibPerSecond),
        number(ratio(produce)),
        number(raw.mibPerSecond),
        number(ratio(batches)),
        number(fetched.mibPerSecond),
        number(ratio(fetches)),
        report.change(produce),
      ]),
    );
  }
}

/**
 * What group commit on this disk allows just now, disks being moody: as many records per fdatasync
 * as there are lanes; for batches that go into objects, MiB/s of synced appends of what the lanes
 * have in flight. 0: no disk.
 */
async function embeddedBound(kind: StoreKind, load: Load): Promise<number> {
  if (kind === 'memory') return 0;
  const lanes = load.lanes;
  if (load.batch === 1) return (await fdatasyncs(scratch, boundMs)).perSecond * lanes;
  return syncedMiB(scratch, boundMs, load.batch * load.recordBytes * lanes);
}

const httpWidths = [8, 5, 1, 5, 2, 9, 5, 5, 9, 5, 5, 5];

async function httpThroughput(server: Server): Promise<void> {
  const idle = await Server.echo();
  const clusters = JSON.parse((await server.ask('GET', '/v3/clusters')).toString()) as {
    data: { cluster_id: string }[];
  };
  const id = clusters.data[0]?.cluster_id;
  for (const load of loads) {
    const topic = { topic_name: load.topic, partitions_count: load.partitions };
    const bytes = Buffer.from(JSON.stringify(topic));
    await server.ask('POST', `/v3/clusters/${id}/topics`, { type: 'application/json', bytes });
    const bound = await echo(idle, load.lanes, boundMs, produceBody(load, 0));
    const produced = await produceHttp(server, load, forMs);
    const fetched = await fetchHttp(server, load, forMs / 2);
    const headers = { 'x-answer': `${fetched.answerBytes}` };
    const asked = { type: 'application/json', bytes: Buffer.alloc(1), headers };
    const answers = await echo(idle, 1, boundMs, asked);
    const name = `http ${nameOf(load)}`;
    const produce = report.add({
      name: `${name}, produce`,
      value: produced.recordsPerSecond,
      unit: '/s',
      bound: bound * load.batch,
    });
    const perAnswer = fetched.recordsPerSecond / fetched.answersPerSecond;
    const fetches = report.add({
      name: `${name}, fetch`,
      value: fetched.recordsPerSecond,
      unit: '/s',
      bound: answers * perAnswer,
    });
    report.line(
      columns(httpWidths, [
        'http',
        `${load.recordBytes}`,
        `${load.partitions}`,
        `${load.batch}`,
        `${load.lanes}`,
        number(produced.recordsPerSecond),
        number(produced.mibPerSecond),
        number(ratio(produce)),
        number(fetched.recordsPerSecond),
        number(fetched.mibPerSecond),
        number(ratio(fetches)),
        report.change(produce),
      ]),
    );
  }
  await idle.stop();
}

async function polls(): Promise<void> {
  for (const load of pollLoads) {
    const start = () => Server.tailrace(mkdtempSync(join(scratch, 'polls-')));
    const { rate, bound } = await measurePolls(load, scratch, forMs, start);
    const figure = report.add({
      name: nameOfPolls(load),
      value: rate.perSecond,
      unit: '/s',
      ...(bound === undefined ? {} : { bound }),
    });
    const times = `p50 ${number(rate.p50Ms)} p99 ${number(rate.p99Ms)} ms`;
    const x = number(ratio(figure)).padStart(5);
    report.line(
      `  ${figure.name.padEnd(52)} ${number(figure.value).padStart(7)}/s ${x}x  ${times}  ${report.change(figure)}`,
    );
  }
}

async function latencies(server: Server): Promise<void> {
  const load: Load = { topic: 'latency', recordBytes: 100, partitions: 1, batch: 1, lanes: 1 };
  const body = produceBody(load, 0);
  const { broker, close } = await openBroker('embedded', scratch);
  await broker.createTopic({ name: load.topic });
  const record = { key: null, value: Buffer.alloc(load.recordBytes, 'x'), headers: [] };
  const doors: [string, () => Promise<unknown>][] = [
    ['embedded', () => broker.produce({ topic: load.topic, records: [record] })],
    ['http', () => server.ask('POST', `/topics/${loads[0]?.topic}`, body)],
  ];
  for (const [door, produce] of doors) {
    for (const rate of [50, 200]) {
      const sync = await fdatasyncs(scratch, boundMs);
      const taken = await openLoop(rate, Math.max(1_000, 2.5 * forMs), produce);
      const name = `${door} at ${rate}/s`;
      const p50 = report.add({
        name: `${name}, p50`,
        value: taken.p50Ms,
        unit: 'ms',
        bound: sync.p50Ms,
      });
      const p99 = report.add({
        name: `${name}, p99`,
        value: taken.p99Ms,
        unit: 'ms',
        bound: sync.p99Ms,
      });
      const cells = [p50, p99].map(
        (each) => `${number(each.value).padStart(6)} ms ${number(ratio(each)).padStart(5)}x`,
      );
      report.line(`  ${name.padEnd(20)} p50 ${cells[0]}   p99 ${cells[1]}   ${report.change(p50)}`);
    }
  }
  await close();
}

async function starts(count: number): Promise<void> {
  const ready: number[] = [];
  // The first one fills the compile cache.
  for (let i = 0; i <= count; i += 1) {
    const server = await Server.tailrace(mkdtempSync(join(scratch, 'start-')));
    if (i > 0) ready.push(server.readyMs);
    await server.stop();
  }
  const figure = report.add({ name: 'start to listening', value: median(ready), unit: 'ms' });
  report.line(
    `  start to "listening", median of ${count}   ${number(figure.value)} ms   ${report.change(figure)}`,
  );
}

function aims(): void {
  const select = (pattern: RegExp, of: (figure: (typeof report.figures)[number]) => number) =>
    report.figures.filter(({ name }) => pattern.test(name)).map(of);
  // 16 records of 1 KiB go together into an object: not inline.
  const inline = select(
    /^embedded .*(?: 1 in flight|100 B, 1 p, .* 16 in flight), (?:produce|raw)$/,
    ratio,
  );
  const memoryRate = select(
    /^memory 1024 B, .* batch 100.*, (?:produce|raw)$/,
    ({ value }) => value,
  );
  const lines: [string, number, number, boolean][] = [
    ['embedded inline, 1 partition, x (worst)', Math.max(...inline), 2, false],
    ['memory, 1 KiB in batches >= 100, MiB/s (least)', Math.min(...memoryRate), 100, true],
    ['server ready, ms', report.value('start to listening'), 500, false],
    ['resident after load, MiB', report.value('resident after load'), 120, false],
  ];
  report.line('\naims');
  for (const [what, value, aim, more] of lines) {
    const met = more ? value >= aim : value <= aim;
    const sign = more ? '>=' : '<=';
    report.line(
      `  ${what.padEnd(50)} ${number(value).padStart(6)} ${sign} ${aim}  ${met ? 'met' : 'MISSED'}`,
    );
  }
}

async function main(): Promise<void> {
  const machine = machineFacts(scratch);
  report.line(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB`);
  report.line(`node ${machine.node}, ${machine.platform}, ${machine.fileSystem} at ${scratch}`);
  report.line(
    'x: times by which a figure falls short of its bound; last column: new to baseline\n',
  );
  const { crc } = await lowerBounds();
  report.line('\nengine: p partitions, fl requests in flight; bound: crc32c on memory; embedded:');
  report.line('fdatasync for all records in flight at once, or all batches in one append');
  const heads = [
    'store',
    'bytes',
    'p',
    'batch',
    'fl',
    'records/s',
    'MiB/s',
    'x',
    'raw',
    'x',
    'fetch',
    'x',
  ];
  report.line(columns(engineWidths, [...heads, 'old']));
  await engineThroughput('memory', crc);
  await engineThroughput('embedded', crc);
  report.line('\nhttp: json records to the server on a directory; bound: echo of the same bytes');
  const fields = [
    'door',
    'bytes',
    'p',
    'batch',
    'fl',
    'produce/s',
    'MiB/s',
    'x',
    'fetch/s',
    'MiB/s',
    'x',
  ];
  report.line(columns(httpWidths, [...fields, 'old']));
  // The first start after a change of the sources fills the compile cache, and is larger for it.
  await (await Server.tailrace(mkdtempSync(join(scratch, 'first-')))).stop();
  const server = await Server.tailrace(mkdtempSync(join(scratch, 'http-')));
  await pause(1_000);
  const idle = server.residentMiB() ?? Number.NaN;
  await httpThroughput(server);
  // Long enough for the server to find itself idle.
  await pause(5_000);
  const loaded = server.residentMiB() ?? Number.NaN;
  report.line('\npolls of consumer instances; bound: a sync for each put, or echo');
  await polls();
  report.line('\nlatency of one record of 100 B; bound: one fdatasync');
  await latencies(server);
  await server.stop();
  report.line('\nthe server');
  await starts(options.quick ? 3 : 5);
  for (const [name, value] of [
    ['idle', idle],
    ['after load', loaded],
  ] as const) {
    const figure = report.add({ name: `resident ${name}`, value, unit: 'MiB' });
    report.line(`  resident ${name.padEnd(32)} ${number(value)} MiB   ${report.change(figure)}`);
  }
  aims();
  finish(machine);
}

function finish(machine: ReturnType<typeof machineFacts>): void {
  const entries = report.figures.map(({ name, value, unit, bound }) => [
    name,
    { value: round(value), unit, ...(bound === undefined ? {} : { bound: round(bound) }) },
  ]);
  const stored = { machine, figures: Object.fromEntries(entries) as Baseline };
  const text = `${JSON.stringify(stored, undefined, 2)}\n`;
  if (options.json) process.stdout.write(text);
  if (options.save) writeFileSync(baselinePath, text);
}

const round = (value: number): number => Number(value.toPrecision(4));

try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
