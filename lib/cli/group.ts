import { Command } from 'commander';
import { deleteGroupCommand } from './group-delete.ts';
import { describeGroupCommand } from './group-describe.ts';
import { lagCommand } from './group-lag.ts';
import { listGroupsCommand } from './group-list.ts';
import { resetCommand } from './group-reset.ts';

const examples = `
Examples:
  $ tailrace group list
  $ tailrace group describe gauges
  $ tailrace group lag gauges
  $ tailrace group reset-offsets gauges --topic rivers --to-earliest --execute
  $ tailrace group delete gauges

'tailrace consume --group' reads as a member of one.`;

export function groupCommand(): Command {
  return new Command('group')
    .description('list, describe, measure, reset and delete consumer groups')
    .addCommand(listGroupsCommand())
    .addCommand(describeGroupCommand())
    .addCommand(lagCommand())
    .addCommand(resetCommand())
    .addCommand(deleteGroupCommand())
    .addHelpText('after', examples);
}
