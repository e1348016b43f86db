import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The least that an HTTP server does with a request: read it whole, answer a few bytes. */
const server = createServer({ noDelay: true }, (request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    const size = Number(request.headers['x-answer'] ?? 20);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': size });
    response.end(Buffer.alloc(size, 0x20));
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
