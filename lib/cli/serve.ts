import { Command, InvalidArgumentError } from 'commander';
import { serve } from '../local/serve.ts';

const examples = `
Examples:
  $ tailrace serve                           on http://127.0.0.1:8082
  $ tailrace serve --port 0 --data /tmp/log  picks a free port and says which
  $ curl http://127.0.0.1:8082/health

Prints "listening on http://HOST:PORT" on stdout when it is ready. SIGINT and
SIGTERM answer what is in flight and leave nothing half done; a second one ends
it at once.`;

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError('expected a number of 0 … 65535.');
}

/** An empty one would mean the current directory, or all addresses: nobody means that. */
function nonEmpty(value: string): string {
  if (value !== '') return value;
  throw new InvalidArgumentError('expected at least one character.');
}

export const serveCommand = new Command('serve')
  .description('serve the HTTP API on this machine, with the log in a directory')
  .option('--port <number>', 'port to listen on; 0 picks a free one', port, 8082)
  .option(
    '--data <directory>',
    'where the log is kept; created if it is missing',
    nonEmpty,
    './tailrace-data',
  )
  .option('--host <address>', 'address to listen on', nonEmpty, '127.0.0.1')
  .showHelpAfterError(
    "usage: tailrace serve [--port <number>] [--data <directory>] [--host <address>]\nsee 'tailrace serve --help'",
  )
  .addHelpText('after', examples)
  .action(async (options: { port: number; data: string; host: string }) => {
    const { host, data } = options;
    const served = await serve({
      host,
      port: options.port,
      dataDirectory: data,
      log: console.error,
    });
    console.log(`listening on ${served.url}`);
    await stopSignal();
    await served.close();
  });

/** The first SIGINT or SIGTERM. The second one finds no handler and ends the process. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
