import { hash } from 'node:crypto';
import type { KeyedPart, KeyedRequest } from '../core/keyed/keyed.ts';
import type { Item, ItemKey } from '../ports/metadata-table.ts';
import { assert } from '../std/assert.ts';
import { commandId, offset } from '../std/brands.ts';
import type { Offset } from '../std/brands.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { int32Max } from './fields.ts';
import { JsonReader, decodeJson, encodeJson, fromInt64, toInt64 } from './json-body.ts';
import { plainItem } from './plain-item.ts';

/*
 * What a produce request with an Idempotency-Key has set out to do, and once it is decided its
 * offsets.
 *
 *     pk        IK#<scope>#<key>    the key percent-encoded; a long one as =<SHA-256, 64 digits>
 *     sk        STATE
 *     version   0, then 1 with the offsets
 *     body      {v, key, hash, partitionCount, sticky, at, parts: [{partition, command, seq,
 *               offset}], offsets?: [digits, or null where a part was refused]}
 */

/** So that the partition key stays within 512 bytes. */
const encodedKeyMax = 400;
const scopePattern = /^[A-Za-z0-9_-]{1,64}$/;

/** `scope`: the topic's id. `key`: any text; each has a partition key of its own. */
export function keyedRequestKey(scope: string, key: string): ItemKey {
  assert(scopePattern.test(scope), `scope of a key is no topic id: scope=${scope}`);
  return { pk: `IK#${scope}#${keyText(key)}`, sk: 'STATE' };
}

/** Percent-encoded text holds no `=`. JSON also tells surrogates apart that are half a pair. */
function keyText(key: string): string {
  if (key.isWellFormed()) {
    const text = encodeURIComponent(key);
    if (text.length <= encodedKeyMax) return text;
  }
  return `=${hash('sha256', JSON.stringify(key), 'hex')}`;
}

export function encodeKeyedRequest(keyed: KeyedRequest): Item {
  const { scope, key, bodyHash, partitionCount, sticky, atMs, offsets, version } = keyed;
  const parts = keyed.parts.map(({ partition, command, walk }) => ({
    partition,
    command,
    seq: walk.seq,
    offset: fromInt64(walk.offset),
  }));
  const decided = offsets?.map((each) => (each === undefined ? null : fromInt64(each)));
  const fields = { key, hash: bodyHash, partitionCount, sticky, at: atMs, parts };
  const body = encodeJson(decided === undefined ? fields : { ...fields, offsets: decided });
  return plainItem(keyedRequestKey(scope, key), version, body);
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeKeyedRequest(item: Item): KeyedRequest {
  const body = decodeJson(item);
  const key = body.string('key');
  const scope = item.pk.split('#')[1] ?? '';
  if (!scopePattern.test(scope) || keyedRequestKey(scope, key).pk !== item.pk) {
    throw new MalformedBytes(`another key's request: pk=${item.pk}`);
  }
  const parts = body.array('parts').map((part) => readPart(new JsonReader(part)));
  const offsets = body.has('offsets') ? body.array('offsets').map(readDecided) : undefined;
  if (offsets !== undefined && offsets.length !== parts.length) {
    throw new MalformedBytes('a keyed request has an offset, or none, for each part');
  }
  const partitionCount = body.integer('partitionCount', 1, int32Max);
  const sticky = body.integer('sticky', -1, partitionCount - 1);
  const split = {
    bodyHash: body.string('hash'),
    partitionCount,
    sticky,
    atMs: body.integer('at'),
    parts,
  };
  return { scope, key, ...split, offsets, version: item.version };
}

function readPart(part: JsonReader): KeyedPart {
  const command = part.string('command');
  if (!/^[0-9a-f]{16}$/.test(command)) throw new MalformedBytes('not a command id');
  return {
    partition: part.integer('partition', 0, int32Max),
    command: commandId(command),
    walk: { seq: part.integer('seq'), offset: offset(part.int64('offset')) },
  };
}

function readDecided(value: unknown): Offset | undefined {
  if (value === null) return undefined;
  const decided = toInt64(value);
  if (decided === undefined) throw new MalformedBytes('not an offset');
  return offset(decided);
}
