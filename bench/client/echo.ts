// A program of its own: the least that a server does, by TCP on 127.0.0.1, until its parent is gone. A
// connection begins with two numbers of 32 bits: how long each request is, and each answer.

import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

process.on('disconnect', () => process.exit());

function serve(socket: Socket): void {
  let head = Buffer.alloc(0);
  let answer: Buffer | undefined;
  let missing = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    let body = chunk;
    if (answer === undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length < 8) return;
      missing = head.readUInt32BE(0);
      answer = Buffer.alloc(head.readUInt32BE(4));
      body = head.subarray(8);
    }
    missing -= body.length;
    if (missing > 0) return;
    missing = head.readUInt32BE(0);
    socket.write(answer);
  });
}

const server = createServer({ noDelay: true }, serve);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
