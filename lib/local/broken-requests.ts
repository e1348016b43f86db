import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { statusOf } from '../http/faults.ts';
import { errorResponse, finish } from '../http/handle.ts';
import type { Ids } from '../ports/environment.ts';

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function errorOf(code: string | undefined): { error_code: number; message: string } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { error_code: 40_801, message: 'expected a whole request in time, got a part of it' };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { error_code: 431, message: 'expected at most 16384 bytes of headers, got more' };
  }
  return { error_code: 40_001, message: `expected a request in HTTP/1.1, got code=${code}` };
}

/**
 * Answers what is no request, or comes too slowly to become one. A socket on which an answer to an
 * earlier request is under way is closed without another word. A body that is read as it comes
 * (`isLive`) may take any time.
 */
export function answerBrokenRequests(
  server: Server,
  ids: Pick<Ids, 'object'>,
  isBusy: (socket: Duplex) => boolean,
  isLive: (socket: Duplex) => boolean,
): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isLive(socket)) return;
    if (!socket.writable || error.code === 'ECONNRESET' || isBusy(socket)) {
      socket.destroy();
      return;
    }
    const body = errorOf(error.code);
    const status = statusOf(body.error_code);
    const request = { method: 'GET', path: '/', headers: {} };
    const answer = finish(request, errorResponse(request, body), ids.object());
    const headers = Object.entries({ ...answer.headers, connection: 'close' });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const head = `HTTP/1.1 ${status} ${reasons[status]}\r\n${lines}\r\n`;
    socket.end(`${head}${Buffer.from(answer.body ?? []).toString('utf8')}`, () => socket.destroy());
  });
}
