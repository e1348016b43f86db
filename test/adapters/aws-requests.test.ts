import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { Condition } from '../../lib/ports/metadata-table.ts';
import { closeClients, openObjects, openTable } from './aws-world.ts';
import { record } from './aws-sdk.ts';
import type { Sent } from './aws-sdk.ts';
import { bytesOf, itemWith, range } from './items.ts';

/** What one call sends. */
type Sending = (call: () => Promise<unknown>) => Promise<readonly Sent[]>;

const sendingOf =
  (all: readonly Sent[]): Sending =>
  async (call) => {
    const before = all.length;
    await call();
    return all.slice(before);
  };

const namesOf = (sent: readonly Sent[]): string[] =>
  sent.map(({ command }) => command.replace('Command', ''));

const any: Condition = { kind: 'any' };
const key = { pk: 'p', sk: 's' };

describe('the table sends one request per call', () => {
  let opened: Awaited<ReturnType<typeof openTable>>;
  let sending: Sending;
  beforeAll(async () => {
    opened = await openTable(inject('emulator'));
    sending = sendingOf(record(opened.clients));
    return () => closeClients(opened.clients);
  });

  const conditions: readonly Condition[] = [
    { kind: 'absent' },
    { kind: 'version', version: 0 },
    { kind: 'version', version: 7 },
    { kind: 'absent-or-below', version: 0 },
  ];
  test.each(conditions)(
    'a put and a delete, held or failed, on condition %j',
    async (condition) => {
      const put = await sending(() => opened.store.put(itemWith({}), condition));
      const gone = await sending(() => opened.store.delete(key, condition));
      expect(namesOf([...put, ...gone])).toEqual(['PutItem', 'DeleteItem']);
      for (const { input } of [...put, ...gone]) {
        expect(input).toMatchObject({ ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
        expect(input).toHaveProperty('ConditionExpression');
      }
    },
  );

  test('an append is one update, whose answer is the slot, and whose refusal is the slot', async () => {
    await opened.store.put(itemWith({ limit: 0 }), any);
    for (const kind of ['done', 'condition-failed']) {
      const sent = await sending(async () => {
        expect((await opened.store.append(key, 0, bytesOf(1))).kind).toBe(kind);
      });
      expect(namesOf(sent)).toEqual(['UpdateItem']);
      expect(sent[0]?.input).toMatchObject({
        UpdateExpression: 'SET a = list_append(a, :c), n = n + :n',
        ConditionExpression: 'v = :v AND n <= l',
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
    }
  });

  test('a transaction, each of whose operations asks for what stands in its way', async () => {
    const check = { kind: 'check', condition: any } as const;
    const sent = await sending(() =>
      opened.store.transact([
        { kind: 'put', item: itemWith({ sk: 'a' }), condition: { kind: 'absent' } },
        { kind: 'delete', key: { pk: 'p', sk: 'b' }, condition: any },
        { ...check, key: { pk: 'p', sk: 'c' } },
      ]),
    );
    expect(namesOf(sent)).toEqual(['TransactWriteItems']);
    const shows = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    expect(sent[0]?.input['TransactItems']).toMatchObject([
      { Put: shows },
      { Delete: shows },
      { ConditionCheck: shows },
    ]);
  });

  test.each([true, false])('a get and a page of a query, consistent=%s', async (consistent) => {
    await Promise.all(
      range(9).map((n) => opened.store.put(itemWith({ pk: 'q', sk: `${n}` }), any)),
    );
    const got = await sending(() => opened.store.get(key, { consistent }));
    const options = { limit: 4, consistent };
    const page = await sending(() => opened.store.query('q', { from: '0', to: '9' }, options));
    expect(namesOf([...got, ...page])).toEqual(['GetItem', 'Query']);
    for (const { input } of [...got, ...page]) expect(input['ConsistentRead']).toBe(consistent);
  });

  test('a range whose bounds are in the wrong order costs no request', async () => {
    const options = { limit: 4, consistent: true };
    for (const [from, to] of [
      ['b', 'a'],
      ['\u{1f600}', '\uffff'],
      ['', ''],
    ] as const) {
      const sent = await sending(async () => {
        const page = await opened.store.query('p', { from, to }, options);
        expect(page).toEqual({ kind: 'done', value: { items: [], next: undefined } });
      });
      expect(sent).toEqual([]);
    }
  });

  test('an empty lower bound is below every sort key', async () => {
    await opened.store.put(itemWith({ pk: 'e', sk: '\u0000' }), any);
    const page = await opened.store.query(
      'e',
      { from: '', to: 'z' },
      { limit: 4, consistent: true },
    );
    expect(page.kind === 'done' && page.value.items).toHaveLength(1);
  });
});

describe('the objects send one request per call', () => {
  let opened: Awaited<ReturnType<typeof openObjects>>;
  let sending: Sending;
  beforeAll(async () => {
    opened = await openObjects(inject('emulator'));
    sending = sendingOf(record(opened.clients));
    return () => closeClients(opened.clients);
  });

  test('a put, create-only and with its checksum, whether it succeeds or not', async () => {
    for (const kind of ['done', 'condition-failed']) {
      const sent = await sending(async () => {
        expect((await opened.store.put('a', Buffer.from('123456789'))).kind).toBe(kind);
      });
      expect(namesOf(sent)).toEqual(['PutObject']);
      // The check value of CRC-32C, 0xe3069283.
      expect(sent[0]?.input).toMatchObject({ IfNoneMatch: '*', ChecksumCRC32C: '4waSgw==' });
    }
  });

  test('a get, a listing and a deletion of many', async () => {
    expect(namesOf(await sending(() => opened.store.get('a')))).toEqual(['GetObject']);
    const ranged = await sending(() => opened.store.get('a', { from: 3, length: 4 }));
    expect(ranged.map(({ input }) => input['Range'])).toEqual(['bytes=3-6']);
    expect(namesOf(await sending(() => opened.store.list('x')))).toEqual(['ListObjectsV2']);
    const many = range(1_000).map((n) => `never/${n}`);
    expect(namesOf(await sending(() => opened.store.delete(many)))).toEqual(['DeleteObjects']);
    expect(await sending(() => opened.store.delete([]))).toEqual([]);
  });

  const part = new Uint8Array(5 * 1024 * 1024).fill(1);
  async function* of(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
    yield* parts;
  }

  test('parts that are one small one, or none, are one put', async () => {
    expect(namesOf(await sending(() => opened.store.putParts('b', of(bytesOf(1)))))).toEqual([
      'PutObject',
    ]);
    expect(namesOf(await sending(() => opened.store.putParts('c', of())))).toEqual(['PutObject']);
  });

  test('parts are sent one by one, each with its checksum, and completed create-only', async () => {
    const sent = await sending(() => opened.store.putParts('d', of(part, part, bytesOf(2))));
    expect(namesOf(sent)).toEqual([
      'CreateMultipartUpload',
      'UploadPart',
      'UploadPart',
      'UploadPart',
      'CompleteMultipartUpload',
    ]);
    for (const { input } of sent.slice(1, 4)) expect(input).toHaveProperty('ChecksumCRC32C');
    expect(sent.at(-1)?.input).toMatchObject({ IfNoneMatch: '*' });
  });

  test('a part is asked for when the one before it was sent: one is held at a time', async () => {
    const all = record(opened.clients);
    const order: string[] = [];
    const asked = async function* (): AsyncGenerator<Uint8Array> {
      for (const last of [false, false, true]) {
        order.push(`asked for after ${namesOf(all).at(-1)}`);
        yield last ? bytesOf(1) : part;
      }
    };
    await opened.store.put('before', bytesOf(1));
    await opened.store.putParts('f', asked());
    expect(order).toEqual([
      'asked for after PutObject',
      'asked for after UploadPart',
      'asked for after UploadPart',
    ]);
    expect(namesOf(all).filter((name) => name === 'UploadPart')).toHaveLength(3);
  });

  test('an upload that is not completed is aborted', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield part;
      throw new Error('mine');
    };
    const thrown = await sending(() =>
      opened.store.putParts('e', failing()).catch(() => undefined),
    );
    const late = await sending(() => opened.store.putParts('d', of(part)));
    for (const sent of [thrown, late]) expect(namesOf(sent).at(-1)).toBe('AbortMultipartUpload');
  });
});
