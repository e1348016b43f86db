import { median } from '../measure.ts';
import { columns, number } from '../report.ts';
import { boundNames } from './bounds.ts';
import type { Bounds } from './bounds.ts';
import type { Figures } from './figures.ts';
import { promiseOf } from './rows.ts';
import type { SlowConsumer } from './slow-consumers.ts';

const widths = [22, 10, 8, 8, 8, 9, 9, 6];
const heads = ['', 'records/s', 'MiB/s', 'p50 ms', 'p99 ms', 'client µs', 'server µs', 'x'];

const line = ([name = '', ...cells]: readonly string[], all = widths): string =>
  columns(all, [name.padEnd(all[0] ?? 0), ...cells]);

export function promisesText(names: readonly string[]): string {
  return names.map((name) => `  ${name.padEnd(22)} ${promiseOf(name)}`).join('\n');
}

export function boundsText(bounds: readonly Bounds[]): string {
  return boundNames
    .map(([key, what]) => {
      const value = median(bounds.map((each) => each[key]));
      return `  ${what.padEnd(34)} ${number(value).padStart(8)}`;
    })
    .join('\n');
}

export function figuresText(figures: readonly Figures[]): string {
  const lines: string[] = [];
  for (const step of new Set(figures.map((each) => each.step))) {
    lines.push(
      '',
      line([step, ...heads.slice(1)], [Math.max(22, step.length), ...widths.slice(1)]),
    );
    for (const each of figures) if (each.step === step) lines.push(line(cells(each)));
  }
  return lines.join('\n');
}

const cells = (each: Figures): readonly string[] => [
  `  ${each.row}`,
  ...[each.recordsPerSecond, each.mibPerSecond, each.p50Ms, each.p99Ms].map(number),
  ...[each.cpuMicros, each.serverCpuMicros, each.ratio].map(number),
];

/** What each says of how much it holds. */
const bounds: Readonly<Record<string, string>> = {
  http: 'prefetchBytes 16 MiB',
  directory: 'prefetchBytes 16 MiB',
  kafkajs: 'none; maxBytes 10 MiB a fetch',
  platformatic: 'highWaterMark 1,024 records; maxBytes 50 MiB a fetch',
};

export function slowText(held: readonly SlowConsumer[]): string {
  const slowWidths = [14, 10, 6, 9, 9, 9, 9];
  const names = ['topic MiB', 'taken', 'idle', 'peak', 'median', 'buffers'];
  const lines = held.map((each) => {
    const mib = [each.idleMiB, each.peakMiB, each.medianMiB, each.buffersMiB].map(number);
    const topic = number(each.topicBytes / 2 ** 20);
    const row = line([`  ${each.row}`, topic, `${each.taken}`, ...mib], slowWidths);
    return `${row}   ${bounds[each.row] ?? ''}`;
  });
  return [line(['', ...names], slowWidths), ...lines].join('\n');
}
