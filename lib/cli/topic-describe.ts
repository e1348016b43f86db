import { Command } from 'commander';
import { printJson, printTable, write } from './output.ts';
import { withClient, withTarget } from './target.ts';

interface Options {
  readonly all?: true;
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace topic describe rivers
  $ tailrace topic describe rivers --all      the defaults, too
  $ tailrace topic describe rivers --json | jq -r '.configs[].name'

'tailrace offsets' shows what lies in its partitions.`;

export function describeCommand(): Command {
  const command = new Command('describe')
    .description('show the partitions and configs of a topic')
    .argument('<topic>', 'name of the topic')
    .option('--all', 'all configs, not only those that differ from the default')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((topic: string, options: Options) =>
      withClient(command, async ({ client }) => {
        const { partitions } = await client.admin.describeTopic(topic);
        const every = await client.admin.describeConfigs(topic);
        const configs = every.filter(({ isDefault }) => options.all === true || !isDefault);
        if (options.json === true) {
          const shown = configs.map(({ name, value, isDefault }) => ({
            name,
            value,
            is_default: isDefault,
          }));
          return printJson({ topic, partitions, configs: shown });
        }
        await write(`topic:       ${topic}\npartitions:  ${partitions}\n`);
        if (configs.length === 0) return write('configs:     all as by default\n');
        await write('\n');
        await printTable(
          [{ title: 'CONFIG' }, { title: 'VALUE' }, ...(options.all ? [{ title: 'SET' }] : [])],
          configs.map(({ name, value, isDefault }) => [
            name,
            value,
            ...(options.all ? [isDefault ? '' : 'yes'] : []),
          ]),
        );
      }),
    );
  return withTarget(command);
}
