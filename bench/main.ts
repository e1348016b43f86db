/**
 * npm run bench -- [--quick] [--json] [--save]
 *
 * What the log does on this machine, beside what the machine could do. `--save` keeps the figures
 * as bench/baseline.json, with which later runs are compared.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { facts, measureBounds } from './bounds.ts';
import type { Bounds } from './bounds.ts';
import { during, latencies, quantile } from './during.ts';
import { engineTarget } from './engine-target.ts';
import { httpTarget } from './http-target.ts';
import { nameOf, shapes } from './shapes.ts';
import type { Figure, Shape, Target } from './shapes.ts';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, save: { type: 'boolean' } },
});
const quick = options.quick === true;
const seconds = quick ? 0.5 : 1.2;
const root = mkdtempSync(join(tmpdir(), 'tailrace-bench-'));
const baselineFile = new URL('./baseline.json', import.meta.url);
const baseline: Record<string, number> = existsSync(baselineFile)
  ? (JSON.parse(readFileSync(baselineFile, 'utf8')) as Record<string, number>)
  : {};
const results: Record<string, number> = {};
const say = (line: string): void => {
  if (options.json !== true) console.log(line);
};

let topics = 0;

async function measure(target: Target, where: string, shape: Shape): Promise<Figure> {
  topics += 1;
  const topic = `bench-${topics}`;
  const { recordBytes, partitions, batch, lanes } = shape;
  await target.create(topic, partitions);
  const inPerSecond = await during(seconds, Math.max(lanes, partitions), (lane) =>
    target.produce(topic, lane % partitions, batch, recordBytes),
  );
  const next: bigint[] = Array.from({ length: partitions }, () => 0n);
  const outPerSecond = await during(seconds / 2, partitions, async (lane) => {
    const count = await target.fetch(topic, lane, next[lane] ?? 0n);
    next[lane] = count === 0 ? 0n : (next[lane] ?? 0n) + BigInt(count);
    return count;
  });
  const name = `${where}, ${nameOf(shape)}`;
  return { name, inPerSecond, outPerSecond, recordBytes };
}

const mib = (perSecond: number, bytes: number): string =>
  ((perSecond * bytes) / (1024 * 1024)).toFixed(1);

function keep(name: string, value: number): string {
  results[name] = Math.round(value * 100) / 100;
  const before = baseline[name];
  return before === undefined ? '' : `${(value / before).toFixed(2)}×`;
}

async function loads(target: Target, where: string): Promise<void> {
  say(`\n${where}`.padEnd(27) + '   in/s  MiB/s   base    out/s  MiB/s   base');
  for (const shape of shapes(quick)) {
    const { name, inPerSecond, outPerSecond, recordBytes } = await measure(target, where, shape);
    const columns = [
      nameOf(shape).padEnd(24),
      Math.round(inPerSecond).toString().padStart(8),
      mib(inPerSecond, recordBytes).padStart(7),
      keep(`${name} in/s`, inPerSecond).padStart(7),
      Math.round(outPerSecond).toString().padStart(9),
      mib(outPerSecond, recordBytes).padStart(7),
      keep(`${name} out/s`, outPerSecond).padStart(7),
    ];
    say(columns.join(''));
  }
}

async function steady(target: Target, where: string): Promise<void> {
  await target.create(`steady-${where}`, 1);
  for (const perSecond of [50, 200]) {
    const sorted = await latencies(perSecond, quick ? 1 : 4, () =>
      target.produce(`steady-${where}`, 0, 1, 100),
    );
    const [p50, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)];
    keep(`${where} p50 ms at ${perSecond}/s`, p50);
    keep(`${where} p99 ms at ${perSecond}/s`, p99);
    say(
      `${where} at ${perSecond}/s`.padEnd(26) +
        `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
    );
  }
}

/** One record at a time: each waits for its own fsync, and nothing else can share it. */
async function alone(target: Target, where: string, bounds: Bounds): Promise<void> {
  await target.create(`alone-${where}`, 1);
  for (const bytes of [100, 5_000]) {
    const rate = await during(seconds, 1, () => target.produce(`alone-${where}`, 0, 1, bytes));
    keep(`${where} alone ${bytes} B /s`, rate);
    const ratio = bounds.fdatasyncPerSecond / rate;
    say(
      `${where}, one of ${bytes} B at a time`.padEnd(40) +
        `${Math.round(rate)}/s, ${ratio.toFixed(1)}× a bare fdatasync`,
    );
  }
}

async function program(): Promise<void> {
  const starts: number[] = [];
  for (let i = 0; i < (quick ? 2 : 5); i += 1) {
    const server = await httpTarget(join(root, `start-${i}`));
    starts.push(server.startMs);
    await server.close();
  }
  const start = quantile(
    starts.toSorted((a, b) => a - b),
    0.5,
  );
  keep('start ms', start);
  const server = await httpTarget(join(root, 'http'));
  const idle = server.residentMiB();
  await loads(server, 'HTTP');
  say('');
  await steady(server, 'HTTP');
  const loaded = server.residentMiB();
  await server.close();
  keep('resident MiB idle', idle);
  keep('resident MiB after load', loaded);
  say(`\nserver: ready in ${start.toFixed(0)} ms (median, started by the shim)`);
  say(`resident: ${idle.toFixed(0)} MiB idle, ${loaded.toFixed(0)} MiB after all of the above`);
}

try {
  say(facts(root));
  const bounds = await measureBounds(root, seconds);
  say(
    `bounds: fdatasync ${Math.round(bounds.fdatasyncPerSecond)}/s, ` +
      `CRC32C ${Math.round(bounds.crc32cMiBPerSecond)} MiB/s, ` +
      `HTTP echo ${Math.round(bounds.httpPerSecond)}/s`,
  );
  const memory = await engineTarget();
  await loads(memory, 'memory');
  await memory.close();
  const embedded = await engineTarget(join(root, 'embedded'));
  await loads(embedded, 'embedded');
  say('');
  await alone(embedded, 'embedded', bounds);
  await steady(embedded, 'embedded');
  await embedded.close();
  await program();
  if (options.json === true) console.log(JSON.stringify({ bounds, results }, undefined, 1));
  if (options.save === true)
    writeFileSync(baselineFile, `${JSON.stringify(results, undefined, 1)}\n`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
