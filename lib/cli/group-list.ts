import { Command } from 'commander';
import { printJson, printTable } from './output.ts';
import { withClient, withTarget } from './target.ts';

interface Options {
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace group list
  $ tailrace group list --json | jq -r '.[] | select(.state == "empty").group'

A group is empty, stable, or reconciling: some member does not own yet what it
is to own.`;

export function listGroupsCommand(): Command {
  const command = new Command('list')
    .description('list all consumer groups, by name')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((options: Options) =>
      withClient(command, async ({ client }) => {
        const groups = await client.admin.listGroups();
        await (options.json === true
          ? printJson(
              groups.map(({ group, status: state, members }) => ({ group, state, members })),
            )
          : printTable(
              [{ title: 'GROUP' }, { title: 'STATE' }, { title: 'MEMBERS', align: 'right' }],
              groups.map(({ group, status, members }) => [group, status, String(members)]),
            ));
      }),
    );
  return withTarget(command);
}
