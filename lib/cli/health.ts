import { Command } from 'commander';
import { printJson, write } from './output.ts';
import { targetText, withClient, withTarget } from './target.ts';

interface Options {
  readonly json?: true;
}

const examples = `
Examples:
  $ tailrace health
  $ until tailrace health; do sleep 1; done
  $ tailrace health --stack Tailrace --json

Exit codes: 0 if the log answers, 1 if it does not.`;

export function healthCommand(): Command {
  const command = new Command('health')
    .description('ask a log whether it answers')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((options: Options) =>
      withClient(command, async ({ client, target }) => {
        const clusterId = await client.admin.clusterId();
        const where = targetText(target);
        await (options.json === true
          ? printJson({ status: 'ok', cluster_id: clusterId, log: where })
          : write(`ok: log=${where} cluster_id=${clusterId}\n`));
      }),
    );
  return withTarget(command);
}
