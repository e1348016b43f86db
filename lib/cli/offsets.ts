import { Command } from 'commander';
import { systemClock } from '../adapters/system/clock.ts';
import type { Admin } from '../client/types.ts';
import { isoTime } from '../http/iso-time.ts';
import { limits } from '../std/limits.ts';
import { integer, list } from './arguments.ts';
import { inGroups } from './in-groups.ts';
import { printJson, printTable } from './output.ts';
import { lookUp } from './position.ts';
import type { At } from './position.ts';
import { withClient, withTarget } from './target.ts';

interface Options {
  readonly partition?: readonly number[];
  readonly at?: At;
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace offsets rivers               where each partition begins and ends
  $ tailrace offsets rivers --at -1h      the first record of the last hour
  $ tailrace offsets rivers -p 2 --at 2026-11-20T10:00:00Z
  $ tailrace offsets rivers --json | jq 'map(.end - .beginning) | add'

END is the offset of the next record (the high watermark). With --at, the
offset is -1 where no record is that late.`;

export function offsetsCommand(): Command {
  const command = new Command('offsets')
    .description('show where the partitions of a topic begin and end')
    .argument('<topic>', 'name of the topic')
    .option(
      '-p, --partition <number>',
      'only this one; may be given several times',
      list(integer(0, limits.partitionsMax - 1)),
    )
    .option(
      '--at <time>',
      'the first record at or after a time: -1h, 2026-11-20T10:00:00Z, max-timestamp, beginning, end',
      lookUp(systemClock()),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((topic: string, options: Options) =>
      withClient(command, async ({ client }) => {
        const partitions = options.partition ?? (await allPartitions(client.admin, topic));
        const { at } = options;
        await (at === undefined
          ? printBounds(client.admin, topic, partitions, options.json === true)
          : printLookUp(client.admin, topic, partitions, at, options.json === true));
      }),
    );
  return withTarget(command);
}

async function allPartitions(admin: Admin, topic: string): Promise<readonly number[]> {
  const { partitions } = await admin.describeTopic(topic);
  return Array.from({ length: partitions }, (_, partition) => partition);
}

async function printBounds(
  admin: Admin,
  topic: string,
  partitions: readonly number[],
  asJson: boolean,
): Promise<void> {
  const found = await inGroups(partitions, async (partition) => {
    const { offset: beginning } = await admin.listOffset({ topic, partition }, 'beginning');
    const { offset: end } = await admin.listOffset({ topic, partition }, 'end');
    return { partition, beginning, end };
  });
  if (asJson) return printJson(found.map((each) => ({ topic, ...each })));
  const right = { align: 'right' } as const;
  await printTable(
    ['PARTITION', 'BEGINNING', 'END', 'RECORDS'].map((title) => ({ title, ...right })),
    found.map(({ partition, beginning, end }) => [
      String(partition),
      String(beginning),
      String(end),
      String(end - beginning),
    ]),
  );
}

async function printLookUp(
  admin: Admin,
  topic: string,
  partitions: readonly number[],
  at: At,
  asJson: boolean,
): Promise<void> {
  const found = await inGroups(partitions, async (partition) => {
    const { offset, timestamp } = await admin.listOffset({ topic, partition }, at);
    return { partition, offset, timestamp };
  });
  if (asJson) return printJson(found.map((each) => ({ topic, ...each })));
  const right = { align: 'right' } as const;
  await printTable(
    [{ title: 'PARTITION', ...right }, { title: 'OFFSET', ...right }, { title: 'TIMESTAMP' }],
    found.map(({ partition, offset, timestamp }) => [
      String(partition),
      String(offset),
      timestamp < 0n ? '-' : isoTime(timestamp),
    ]),
  );
}
