import { createClient } from '../../lib/client/create-client.ts';
import { startTestServer } from '../conformance/server.ts';
import { clientSuite } from './client-suite.ts';

clientSuite("over HTTP, a laptop's server", async () => {
  const server = await startTestServer();
  const client = await createClient({ url: server.url });
  return {
    client,
    close: async () => {
      await client.close();
      await server.close();
    },
  };
});
