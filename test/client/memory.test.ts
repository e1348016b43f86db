import { startTailrace } from '../../lib/client/start-tailrace.ts';
import { clientSuite } from './client-suite.ts';

clientSuite('in memory', async () => {
  const client = await startTailrace();
  return { client, close: () => client.close() };
});
