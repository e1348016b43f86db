/** Why an address cannot be listened on: what was expected, what came, what to do. */
class ListenError extends Error {
  override name = 'ListenError';

  constructor(address: string, [expected, came, advice]: Reason, cause: unknown) {
    super(`cannot listen: expected ${expected}, but ${came}; ${advice}: address=${address}`, {
      cause,
    });
  }
}

type Reason = readonly [expected: string, came: string, advice: string];

const otherHost = 'choose another host, such as 127.0.0.1';
const reasons: Readonly<Record<string, Reason>> = {
  EADDRINUSE: [
    'a free port',
    'another program listens there',
    'stop it or choose another port; 0 picks a free one',
  ],
  EACCES: ['a port that this user may take', 'it was denied', 'choose one above 1023'],
  EADDRNOTAVAIL: ['an address of this machine', 'it has no such address', otherHost],
  ENOTFOUND: ['an address of this machine', 'there is no such name', otherHost],
  EAI_AGAIN: ['an address of this machine', 'the name cannot be looked up', otherHost],
};

/** What an error met while beginning to listen means to the one who starts the server. */
export function listenError(error: unknown, host: string, port: number): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  const reason = reasons[String(error.code)];
  return reason === undefined ? error : new ListenError(`${host}:${port}`, reason, error);
}
