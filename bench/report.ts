import { cpus, totalmem } from 'node:os';
import { readFileSync, statfsSync } from 'node:fs';

/** One measured number, and the bound that the machine sets it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly bound?: number;
}

/** Older figures by name; those with another unit count as absent. */
export type Baseline = Readonly<Record<string, { readonly value: number; readonly unit: string }>>;

export class Report {
  readonly figures: Figure[] = [];
  readonly #baseline: Baseline;
  readonly #quiet: boolean;

  constructor(baseline: Baseline, quiet: boolean) {
    this.#baseline = baseline;
    this.#quiet = quiet;
  }

  line(text = ''): void {
    if (!this.#quiet) console.log(text);
  }

  add(figure: Figure): Figure {
    this.figures.push(figure);
    return figure;
  }

  value(name: string): number {
    return this.figures.find((figure) => figure.name === name)?.value ?? Number.NaN;
  }

  /** New to old, "1.00" where nothing changed. */
  change({ name, value, unit }: Figure): string {
    const old = this.#baseline[name];
    return old === undefined || old.unit !== unit ? '-' : (value / old.value).toFixed(2);
  }
}

/** Times by which it falls short of its bound, or exceeds it if less is better. */
export function ratio({ value, bound, unit }: Figure): number {
  if (bound === undefined) return Number.NaN;
  return unit === 'ms' ? value / bound : bound / value;
}

export const number = (value: number): string => {
  if (Number.isNaN(value)) return '-';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
};

/** Cells flush right in these widths, one space between. */
export const columns = (widths: readonly number[], cells: readonly string[]): string =>
  cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join(' ');

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly platform: string;
  readonly fileSystem: string;
}

export function machineFacts(directory: string): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    fileSystem: fileSystemOf(directory),
  };
}

/** The type of the mount with the longest path above the directory. */
function fileSystemOf(directory: string): string {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .filter(
        ([, point]) =>
          point !== undefined && `${directory}/`.startsWith(`${point}/`.replace('//', '/')),
      )
      .toSorted(([, a], [, b]) => (b?.length ?? 0) - (a?.length ?? 0));
    return mounts[0]?.[2] ?? 'unknown';
  } catch {
    return `type 0x${statfsSync(directory).type.toString(16)}`;
  }
}
