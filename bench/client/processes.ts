import { readdirSync, readFileSync } from 'node:fs';

/** Of user and system time in /proc; the same on every Linux that Node runs on (USER_HZ). */
const ticksPerSecond = 100;

/** What a server uses, if there is a /proc. */
export interface Usage {
  readonly cpuMs: number;
  readonly residentMiB: number;
}

/** The processes that were told of a folder, but not those that keep them. */
export function processesOf(folder: string): readonly number[] {
  const pids = entries().map(Number).filter(Number.isInteger);
  return pids.filter((pid) => {
    const command = read(`/proc/${pid}/cmdline`);
    return (
      !command.includes('keeper.ts') && `${command}${read(`/proc/${pid}/environ`)}`.includes(folder)
    );
  });
}

/** Of several together; undefined if none can be seen. */
export function usageOf(pids: readonly number[]): Usage | undefined {
  const usages = pids.flatMap((pid) =>
    parse(read(`/proc/${pid}/stat`), read(`/proc/${pid}/status`)),
  );
  if (usages.length === 0) return undefined;
  return {
    cpuMs: usages.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    residentMiB: usages.reduce((sum, { residentMiB }) => sum + residentMiB, 0),
  };
}

/** None of a process that is gone. */
export function parse(stat: string, status: string): readonly Usage[] {
  // The name, in parentheses, may have spaces in it; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const kibibytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  if (Number.isNaN(ticks + kibibytes)) return [];
  return [{ cpuMs: (ticks * 1_000) / ticksPerSecond, residentMiB: kibibytes / 1_024 }];
}

function entries(): readonly string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
