import { Command } from 'commander';
import { printJson, printTable } from './output.ts';
import { withClient, withTarget } from './target.ts';

interface Options {
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace group lag gauges
  $ tailrace group lag gauges --json | jq 'map(.lag // 0) | add'

COMMITTED is the offset of the next record that the group is to process, END
that of the next one to be appended; a dash: nothing is committed, nobody owns
the partition.`;

export function lagCommand(): Command {
  const command = new Command('lag')
    .description('show how far behind a consumer group is, by partition')
    .argument('<group>', 'name of the group')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((group: string, options: Options) =>
      withClient(command, async ({ client }) => {
        const found = await client.admin.groupLag(group);
        const rows = found.map(({ topic, partition, committed, logEndOffset, lag, member }) => ({
          topic,
          partition,
          committed: committed?.offset,
          end: logEndOffset,
          lag,
          member: member?.instanceId ?? member?.memberId,
          client_id: member?.clientId,
          client_host: member?.clientHost,
          metadata: committed?.metadata,
        }));
        if (options.json === true) return printJson(rows);
        const right = { align: 'right' } as const;
        await printTable(
          [
            { title: 'TOPIC' },
            ...['PARTITION', 'COMMITTED', 'END', 'LAG'].map((title) => ({ title, ...right })),
            { title: 'MEMBER' },
          ],
          rows.map(({ topic, partition, committed, end, lag, member }) => [
            topic,
            String(partition),
            textOf(committed),
            String(end),
            textOf(lag),
            member ?? '-',
          ]),
        );
      }),
    );
  return withTarget(command);
}

const textOf = (value: bigint | undefined): string => (value === undefined ? '-' : String(value));
