import { Command } from 'commander';
import { printJson, printTable } from './output.ts';
import { withClient, withTarget } from './target.ts';

interface Options {
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace topic list
  $ tailrace topic list --json | jq -r '.[].topic'`;

export function listCommand(): Command {
  const command = new Command('list')
    .description('list all topics, by name')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((options: Options) =>
      withClient(command, async ({ client }) => {
        const topics = await client.admin.listTopics();
        await (options.json === true
          ? printJson(topics.map(({ name: topic, partitions }) => ({ topic, partitions })))
          : printTable(
              [{ title: 'TOPIC' }, { title: 'PARTITIONS', align: 'right' }],
              topics.map(({ name, partitions }) => [name, String(partitions)]),
            ));
      }),
    );
  return withTarget(command);
}
