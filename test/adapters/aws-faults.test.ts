import {
  DynamoDBServiceException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Item, MetadataTable } from '../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import { intercept } from './aws-sdk.ts';
import type { Interceptor } from './aws-sdk.ts';
import { closeClients, openObjects, openTable } from './aws-world.ts';
import { bytesOf, itemWith, read, shown } from './items.ts';

const refused = (name: string, httpStatusCode: number) => ({
  name,
  message: `injected ${name}`,
  $fault: 'client' as const,
  $metadata: { httpStatusCode },
});

const reset = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });

/** As the SDK's own `requestTimeout` throws it. */
const timeout = (): Error =>
  Object.assign(new Error('a request has exceeded the configured 3000 ms requestTimeout'), {
    name: 'TimeoutError',
    code: 'ETIMEDOUT',
  });

/** Fails every request with what `make` gives, before or after it was served. */
function failing(make: (command: string) => Error, served = false): Interceptor {
  return async ({ command }, send) => {
    if (served) await send();
    throw make(command);
  };
}

interface Case {
  readonly fault: string;
  readonly interceptor: Interceptor;
  readonly kind: string;
  /** What a write has done all the same. */
  readonly applied?: boolean;
  readonly cause?: RegExp;
}

const common: readonly Case[] = [
  { fault: 'a lost request', interceptor: failing(reset), kind: 'indeterminate' },
  {
    fault: 'a lost reply',
    interceptor: failing(reset, true),
    kind: 'indeterminate',
    applied: true,
  },
  {
    fault: 'a timeout',
    interceptor: failing(timeout),
    kind: 'indeterminate',
    cause: /requestTimeout/,
  },
  {
    fault: 'a timeout of what was served',
    interceptor: failing(timeout, true),
    kind: 'indeterminate',
    applied: true,
  },
];

const tableCases: readonly Case[] = [
  ...common,
  {
    fault: 'a throttle',
    interceptor: failing(
      () =>
        new ProvisionedThroughputExceededException(
          refused('ProvisionedThroughputExceededException', 400),
        ),
    ),
    kind: 'throttled',
  },
  {
    fault: 'a denied permission',
    interceptor: failing(() => new DynamoDBServiceException(refused('AccessDeniedException', 400))),
    kind: 'unavailable',
    cause: /^access denied: allow .* action=dynamodb:\w+Item table=t-/u,
  },
  {
    fault: 'an internal error of what was served',
    interceptor: failing(() => new InternalServerError(refused('InternalServerError', 500)), true),
    kind: 'indeterminate',
    applied: true,
  },
];

const before = itemWith({ version: 1 });
const after = itemWith({ version: 2, body: bytesOf(2) });
type Effect = (table: MetadataTable) => Promise<{ readonly kind: string }>;
const tableWrites: Record<string, { write: Effect; done: Item | undefined }> = {
  put: { write: (table) => table.put(after, { kind: 'version', version: 1 }), done: after },
  delete: {
    write: (table) => table.delete(before, { kind: 'version', version: 1 }),
    done: undefined,
  },
  append: {
    write: (table) => table.append(before, 1, bytesOf(3)),
    done: itemWith({ version: 1, appended: [bytesOf(3)] }),
  },
  transact: {
    write: (table) =>
      table.transact([{ kind: 'put', item: after, condition: { kind: 'version', version: 1 } }]),
    done: after,
  },
};

/** Set by each test; by default requests go through. */
let interceptor: Interceptor = (_, send) => send();
let sent = 0;
const through: Interceptor = (_, send) => send();
const current: Interceptor = (request, send) => {
  sent += 1;
  return interceptor(request, send);
};
beforeEach(() => {
  interceptor = through;
});

/** The outcome of a call whose every request meets the fault, of which there must be one. */
async function under<T>(fault: Interceptor, call: () => Promise<T>): Promise<T> {
  interceptor = fault;
  sent = 0;
  try {
    return await call();
  } finally {
    interceptor = through;
    expect(sent).toBe(1);
  }
}

describe('the table', () => {
  let opened: Awaited<ReturnType<typeof openTable>>;
  beforeAll(async () => {
    opened = await openTable(inject('emulator'));
    intercept(opened.clients, current);
  });
  afterAll(() => closeClients(opened.clients));
  beforeEach(() => opened.store.put(before, { kind: 'any' }));

  for (const [verb, { write, done }] of Object.entries(tableWrites)) {
    test.each(tableCases)(`a ${verb} that meets $fault is $kind, and sent once`, async (each) => {
      const outcome = await under(each.interceptor, () => write(opened.store));
      expect(outcome.kind).toBe(each.kind);
      if (each.cause !== undefined)
        expect(outcome).toHaveProperty('cause', expect.stringMatching(each.cause));
      const expected = each.applied === true ? done : before;
      expect(await read(opened.store, 'p', 's')).toEqual(shown(expected));
    });
  }

  const reads: Record<string, Effect> = {
    get: (table) => table.get(before, { consistent: true }),
    query: (table) => table.query('p', { from: 'a', to: 'z' }, { limit: 1, consistent: true }),
  };
  for (const [verb, ask] of Object.entries(reads)) {
    test.each(tableCases)(`a ${verb} that meets $fault got no answer`, async (each) => {
      const outcome = await under(each.interceptor, () => ask(opened.store));
      expect(outcome.kind).toBe(each.kind === 'throttled' ? 'throttled' : 'unavailable');
    });
  }

  const single = Object.entries(tableWrites).filter(([verb]) => verb !== 'transact');
  test.each(single)('a %s of an item in a transaction did nothing', async (_, { write }) => {
    const fault = failing(
      () => new TransactionConflictException(refused('TransactionConflictException', 400)),
    );
    expect((await under(fault, () => write(opened.store))).kind).toBe('unavailable');
  });

  const canceled = (...codes: string[]): Interceptor =>
    failing(
      () =>
        new TransactionCanceledException({
          ...refused('TransactionCanceledException', 400),
          CancellationReasons: codes.map((Code) => ({ Code })),
        }),
    );
  test.each([
    [['TransactionConflict', 'None'], 'conflict'],
    // Nothing is known of the condition that was not looked at.
    [['ConditionalCheckFailed', 'TransactionConflict'], 'conflict'],
    [['ThrottlingError', 'None'], 'throttled'],
    [['ConditionalCheckFailed', 'ProvisionedThroughputExceeded'], 'throttled'],
    [['None', 'ConditionalCheckFailed'], 'conditions-failed'],
    [['None', 'SomethingNew'], 'unavailable'],
    [[], 'unavailable'],
  ])('a transaction canceled because of %j is %s', async (codes, kind) => {
    const outcome = await under(canceled(...codes), () =>
      opened.store.transact([
        { kind: 'put', item: after, condition: { kind: 'any' } },
        { kind: 'delete', key: { pk: 'p', sk: 'other' }, condition: { kind: 'absent' } },
      ]),
    );
    expect(outcome.kind).toBe(kind);
    if (outcome.kind === 'conditions-failed') {
      expect(outcome.failures).toEqual([undefined, { kind: 'condition-failed', item: undefined }]);
    }
  });

  test('a transaction that is not valid is a bug', async () => {
    const call = under(canceled('ValidationError', 'None'), () =>
      opened.store.transact([{ kind: 'put', item: after, condition: { kind: 'any' } }]),
    );
    await expect(call).rejects.toThrow('not valid');
  });
});

const s3Error = (name: string, status: number) => () =>
  new S3ServiceException(refused(name, status));

const objectCases: readonly Case[] = [
  ...common,
  { fault: 'a throttle', interceptor: failing(s3Error('SlowDown', 503)), kind: 'throttled' },
  {
    fault: 'a denied permission',
    interceptor: failing(s3Error('AccessDenied', 403)),
    kind: 'unavailable',
    cause: /^access denied: allow .* action=s3:\w+ bucket=t-/u,
  },
  {
    fault: 'a 503 that may come from anywhere',
    interceptor: failing(s3Error('ServiceUnavailable', 503), true),
    kind: 'indeterminate',
    applied: true,
  },
];

describe('the objects', () => {
  let opened: Awaited<ReturnType<typeof openObjects>>;
  let names = 0;
  beforeAll(async () => {
    opened = await openObjects(inject('emulator'));
    intercept(opened.clients, current);
    await opened.store.put('a', bytesOf(1));
  });
  afterAll(() => closeClients(opened.clients));

  const present = async (key: string): Promise<boolean> => {
    const outcome = await opened.store.get(key);
    return outcome.kind === 'done' && outcome.value !== undefined;
  };

  test.each(objectCases)('a put that meets $fault is $kind, and sent once', async (each) => {
    const key = `put/${(names += 1)}`;
    const outcome = await under(each.interceptor, () => opened.store.put(key, bytesOf(1)));
    expect(outcome.kind).toBe(each.kind);
    if (each.cause !== undefined)
      expect(outcome).toHaveProperty('cause', expect.stringMatching(each.cause));
    expect(await present(key)).toBe(each.applied === true);
  });

  test.each(objectCases)('a deletion that meets $fault is $kind', async (each) => {
    const key = `delete/${(names += 1)}`;
    await opened.store.put(key, bytesOf(1));
    const outcome = await under(each.interceptor, () => opened.store.delete([key]));
    expect(outcome.kind).toBe(each.kind);
    expect(await present(key)).toBe(each.applied !== true);
  });

  const reads: Record<string, (store: ObjectStore) => Promise<{ readonly kind: string }>> = {
    // Of a whole object the SDK would wrap the answer, and nobody would hear how that ends.
    get: (store) => store.get('a', { from: 0, length: 1 }),
    list: (store) => store.list('a'),
  };
  for (const [verb, ask] of Object.entries(reads)) {
    test.each(objectCases)(`a ${verb} that meets $fault got no answer`, async (each) => {
      const outcome = await under(each.interceptor, () => ask(opened.store));
      expect(outcome.kind).toBe(each.kind === 'throttled' ? 'throttled' : 'unavailable');
    });
  }

  test('a put that met another one did nothing: the key may or may not exist', async () => {
    const fault = failing(s3Error('ConditionalRequestConflict', 409));
    const outcome = await under(fault, () => opened.store.put('conflict', bytesOf(1)));
    expect(outcome.kind).toBe('unavailable');
  });

  const parts = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(5 * 1024 * 1024);
    yield bytesOf(1);
  };
  /** Lets all requests through but those of one command. */
  const only =
    (name: string, fault: Interceptor): Interceptor =>
    (request, send) =>
      request.command === `${name}Command` ? fault(request, send) : send();

  test.each([
    // Without its completion, an upload is nothing that anybody could see.
    ['CreateMultipartUpload', reset, false, 'unavailable', false],
    ['UploadPart', reset, true, 'unavailable', false],
    ['UploadPart', s3Error('SlowDown', 503), false, 'throttled', false],
    ['CompleteMultipartUpload', reset, false, 'indeterminate', false],
    ['CompleteMultipartUpload', reset, true, 'indeterminate', true],
    ['CompleteMultipartUpload', s3Error('SlowDown', 503), true, 'indeterminate', true],
    ['CompleteMultipartUpload', s3Error('InternalError', 503), true, 'indeterminate', true],
    [
      'CompleteMultipartUpload',
      s3Error('ConditionalRequestConflict', 409),
      false,
      'unavailable',
      false,
    ],
    ['CompleteMultipartUpload', s3Error('AccessDenied', 403), false, 'unavailable', false],
    ['AbortMultipartUpload', reset, false, 'done', true],
  ] as const)('%s fails with %o, served=%s: %s', async (name, make, served, kind, there) => {
    const key = `parts/${(names += 1)}`;
    interceptor = only(name, failing(make, served));
    expect((await opened.store.putParts(key, parts())).kind).toBe(kind);
    interceptor = through;
    expect(await present(key)).toBe(there);
  });

  test('that an upload cannot be aborted changes nothing of what is told', async () => {
    await opened.store.put('taken', bytesOf(1));
    interceptor = only('AbortMultipartUpload', failing(reset));
    expect((await opened.store.putParts('taken', parts())).kind).toBe('condition-failed');
  });
});
