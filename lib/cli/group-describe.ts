import { Command } from 'commander';
import type { GroupDescription, MemberDescription } from '../client/index.ts';
import type { TopicPartition } from '../client/types.ts';
import { isoTime } from '../http/iso-time.ts';
import { printJson, printTable, write } from './output.ts';
import { withClient, withTarget } from './target.ts';

interface Options {
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace group describe gauges
  $ tailrace group describe gauges --json | jq '.members[].assignment'

A static member is shown by its instance id. What a member is to own and does
not own yet is marked by a plus, what it is to give up by a minus.

'tailrace group lag' shows how far behind it is.`;

export function describeGroupCommand(): Command {
  const command = new Command('describe')
    .description('show the members of a consumer group, and what they own')
    .argument('<group>', 'name of the group')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((group: string, options: Options) =>
      withClient(command, async ({ client }) => {
        const described = await client.admin.describeGroup(group);
        if (options.json === true) return printJson(asJson(described));
        const { status, epoch, assignor, memberList } = described;
        await write(
          `group:     ${group}\nstate:     ${status}\nepoch:     ${epoch}\nassignor:  ${assignor}\n`,
        );
        if (memberList.length === 0) return write('members:   none\n');
        await write('\n');
        await printTable(
          [{ title: 'MEMBER' }, { title: 'CLIENT' }, { title: 'HOST' }, { title: 'PARTITIONS' }],
          memberList.map((member) => [
            member.instanceId ?? member.memberId,
            member.clientId,
            member.clientHost,
            partitionsText(member),
          ]),
        );
      }),
    );
  return withTarget(command);
}

function asJson({ group, status, epoch, assignor, memberList }: GroupDescription): unknown {
  return {
    group,
    state: status,
    epoch,
    assignor,
    members: memberList.map((member) => ({
      member_id: member.memberId,
      instance_id: member.instanceId,
      client_id: member.clientId,
      client_host: member.clientHost,
      subscription: member.subscription,
      assignment: member.assignment,
      target: member.target,
      beat: isoTime(BigInt(member.beatMs)),
    })),
  };
}

/** `rivers 0 1 +4 -5, lakes 2` */
function partitionsText({ assignment, target }: MemberDescription): string {
  const marked = [
    ...assignment.map((one) => ({ ...one, mark: isIn(target, one) ? '' : '-' })),
    ...target.filter((one) => !isIn(assignment, one)).map((one) => ({ ...one, mark: '+' })),
  ];
  const byTopic = Map.groupBy(marked, ({ topic }) => topic);
  const texts = Array.from(byTopic, ([topic, all]) => {
    const sorted = all.toSorted((a, b) => a.partition - b.partition);
    return `${topic} ${sorted.map(({ mark, partition }) => `${mark}${partition}`).join(' ')}`;
  });
  return texts.length === 0 ? '-' : texts.join(', ');
}

const isIn = (all: readonly TopicPartition[], { topic, partition }: TopicPartition): boolean =>
  all.some((one) => one.topic === topic && one.partition === partition);
