import { countFetch, countProduce } from './count.ts';
import type { Counted } from './count.ts';
import { countPoll } from './count-polls.ts';
import { countCommit, countMember } from './count-members.ts';
import { perGib, perMillion, prices, total } from './money.ts';
import type { Bill, Door } from './money.ts';

const doors: readonly (readonly [Door, string])[] = [
  ['direct', 'direct, sole writer'],
  ['httpApi', 'HTTP API'],
  ['restApi', 'REST API'],
];

const produced = [
  [1, 100],
  [1, 1_000],
  [100, 100],
  [100, 1_000],
] as const;

/** How often a member beats, ms, of how many, and what ADR 13 says of it, in dollars a month. */
const beats = [
  [3_000, 10, 0.35],
  [10_000, 10, 0.15],
  [30_000, 10, 0.08],
  [3_000, 1, 0.35],
  [10_000, 1, 0.15],
  [30_000, 1, 0.08],
] as const;

/** Lambda environments that take turns. */
const environments = 8;

const money = (usd: number): string => `$${usd < 0.1 ? usd.toFixed(3) : usd.toFixed(2)}`;
const number = (value: number): string => String(Number(value.toFixed(2)));
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** docs/costs.md, but for what its template says. Counted anew each time; the same each time. */
export async function costTables(): Promise<string> {
  const lines: string[] = [];
  const table = (...columns: readonly string[]): void => {
    lines.push(row(...columns), row(...columns.map((_, i) => (i < 2 ? '---' : '--:'))));
  };
  const alone = await counts(1);
  const together = await counts(environments);

  lines.push('## A million produce calls', '');
  table(
    'records of a call',
    'through',
    'store',
    'Lambda',
    'logs',
    'gateway',
    'in all',
    'gateway’s part',
  );
  produced.forEach((_, i) => {
    for (const [door, name] of doors) {
      const counted = (door === 'direct' ? alone : together)[i] as Counted;
      lines.push(billRow(counted.what, name, perMillion(counted, door)));
    }
  });

  lines.push('', '## What a produce call asks of the store', '');
  table(
    'records of a call',
    'writers',
    'write units',
    'read units',
    'PUTs',
    'requests to the table',
  );
  const asked = (counted: Counted, writers: string): void => {
    const { what, writeUnits, readUnits, puts, tableCalls } = counted;
    lines.push(
      row(
        what,
        writers,
        number(writeUnits),
        number(readUnits),
        puts.toFixed(4),
        number(tableCalls),
      ),
    );
  };
  produced.forEach((_, i) => {
    asked(alone[i] as Counted, 'one');
    asked(together[i] as Counted, `${environments}, in turn`);
  });

  lines.push('', '## A GiB in', '');
  table('records of a call', 'calls', ...doors.map(([, name]) => name));
  produced.forEach((_, i) => {
    const of = (door: Door): Counted => (door === 'direct' ? alone : together)[i] as Counted;
    const calls = Math.round(1024 ** 3 / of('direct').bytes).toLocaleString('en');
    lines.push(
      row(of('direct').what, calls, ...doors.map(([door]) => money(perGib(of(door), door)))),
    );
  });

  lines.push('', '## A GiB out, 1 MiB a call', '');
  table('the log holds', 'GETs a call', 'read units a call', 'direct', 'HTTP API', 'REST API');
  for (const batchBytes of [1_000, 10_000, 100_000]) {
    const counted = await countFetch(batchBytes, 1024 * 1024);
    const costs = (['direct', 'httpApi', 'restApi'] as const).map((door) =>
      money(perGib(counted, door)),
    );
    lines.push(row(counted.what, number(counted.gets), number(counted.readUnits), ...costs));
  }

  lines.push('', '## A member of a consumer group, a month', '');
  table(
    'a heartbeat',
    'calls',
    'read units a call',
    'write units a call',
    'store',
    'ADR 13',
    'through the HTTP API',
  );
  for (const [intervalMs, members, planned] of beats) {
    const counted = await countMember(intervalMs, members);
    const { calls, readUnits, writeUnits } = counted;
    const month = (door: Door): string => money((total(perMillion(counted, door)) * calls) / 1e6);
    const what = [counted.what, calls.toLocaleString('en'), number(readUnits), number(writeUnits)];
    lines.push(row(...what, month('direct'), money(planned), month('httpApi')));
  }
  const commit = await countCommit();
  lines.push(
    '',
    `A million commits of ${commit.what} each: ${money(total(perMillion(commit, 'direct')))} directly`,
    `(${number(commit.readUnits)} units read, ${number(commit.writeUnits)} written each), ${money(total(perMillion(commit, 'httpApi')))} through the HTTP API.`,
  );

  lines.push('', '## A million polls of a consumer instance, one of four', '');
  table('it reads', 'read units a call', 'write units a call', 'direct', 'HTTP API', 'REST API');
  for (const fresh of [false, true]) {
    const counted = await countPoll(fresh);
    const costs = doors.map(([door]) => money(total(perMillion(counted, door))));
    const { what, readUnits, writeUnits } = counted;
    lines.push(row(what, number(readUnits), number(writeUnits), ...costs));
  }

  const { dynamodb, s3, alarms } = prices;
  lines.push('', '## An idle month', '');
  lines.push(
    `Storage: ${money(s3.gibMonth)} per GiB of objects, ${money(dynamodb.gibMonth)} per GiB of table and`,
    `${money(dynamodb.restoreGibMonth)} per GiB of its backup; the table holds the newest slots of each partition, some kilobytes.`,
    `An alarm costs ${money(alarms.month)}, if alarms are switched on.`,
  );
  return `${lines.join('\n')}\n`;
}

const counts = (processes: number): Promise<Counted[]> =>
  Promise.all(
    produced.map(([records, recordBytes]) => countProduce({ records, recordBytes, processes })),
  );

function billRow(what: string, through: string, bill: Bill): string {
  const { store, lambda, logs, gateway } = bill;
  const share = `${((gateway / total(bill)) * 100).toFixed(0)} %`;
  return row(what, through, ...[store, lambda, logs, gateway, total(bill)].map(money), share);
}
