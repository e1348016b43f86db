import { Command } from 'commander';
import { integer, nonEmpty } from './arguments.ts';
import { onStop } from './signals.ts';

const examples = `
Examples:
  $ tailrace serve                           on http://127.0.0.1:8082
  $ tailrace serve --port 0 --data /tmp/log  picks a free port and says which
  $ curl http://127.0.0.1:8082/health

Prints "listening on http://HOST:PORT" on stdout when it is ready. SIGINT and
SIGTERM answer what is in flight and leave nothing half done; a second one ends
it at once.`;

interface Options {
  readonly port: number;
  readonly data: string;
  readonly host: string;
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('serve the HTTP API on this machine, with the log in a directory')
    .option('--port <number>', 'port to listen on; 0 picks a free one', integer(0, 65_535), 8082)
    .option(
      '--data <directory>',
      'where the log is kept; created if it is missing',
      nonEmpty,
      './tailrace-data',
    )
    .option('--host <address>', 'address to listen on', nonEmpty, '127.0.0.1')
    .addHelpText('after', examples)
    .action(async ({ host, port, data }: Options) => {
      const { serve } = await import('../local/serve.ts');
      const served = await serve({ host, port, dataDirectory: data, log: console.error });
      // Whoever reads the line may stop it at once.
      const stopped = new Promise<void>((resolve) => onStop(() => resolve()));
      console.log(`listening on ${served.url}`);
      await stopped;
      await served.close();
    });
}
