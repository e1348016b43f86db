import { createRequire } from 'node:module';

import { protocolErrors } from '@platformatic/kafka';
import { expect, test } from 'vitest';

import { errorByCode, errorByName, ProtocolError } from '../../lib/protocol/errors.ts';
import type { KafkaError } from '../../lib/protocol/errors.ts';

const require = createRequire(import.meta.url);

interface KafkaJsError {
  readonly type: string;
  readonly code: number;
  readonly retriable: boolean;
}

const kafkajs: readonly KafkaJsError[] = require('kafkajs/src/protocol/error.js').errorCodes;

/** Kafka calls these retriable; here that word promises that nothing happened. */
const outcomeUnknown = [
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
];
/** Names that Kafka changed after kafkajs took them over. */
const renamed: Readonly<Record<string, string>> = {
  UNKNOWN: 'UNKNOWN_SERVER_ERROR',
  NOT_LEADER_FOR_PARTITION: 'NOT_LEADER_OR_FOLLOWER',
  GROUP_LOAD_IN_PROGRESS: 'COORDINATOR_LOAD_IN_PROGRESS',
  GROUP_COORDINATOR_NOT_AVAILABLE: 'COORDINATOR_NOT_AVAILABLE',
  NOT_COORDINATOR_FOR_GROUP: 'NOT_COORDINATOR',
};
/** What Kafka 4.1 has and the clients do not know yet: KIP-848, 1102, 1071, 932. */
const newer: readonly (readonly [number, string, boolean])[] = [
  [128, 'INVALID_REGULAR_EXPRESSION', false],
  [129, 'REBOOTSTRAP_REQUIRED', false],
  [130, 'STREAMS_INVALID_TOPOLOGY', false],
  [131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', false],
  [132, 'STREAMS_TOPOLOGY_FENCED', false],
  [133, 'SHARE_SESSION_LIMIT_REACHED', true],
];

const all: readonly KafkaError[] = Array.from({ length: 135 }, (_, i) => errorByCode(i - 1)).filter(
  (error) => error !== undefined,
);

test('every code from -1 to 133 has one row, found by code and by name', () => {
  expect(all.map((error) => error.code)).toEqual(Array.from({ length: 135 }, (_, i) => i - 1));
  expect(new Set(all.map((error) => error.name)).size).toBe(135);
  for (const error of all) expect(errorByName(error.name)).toBe(error);
  expect(errorByCode(134)).toBeUndefined();
});

test('names, codes and retriability are those of @platformatic/kafka', () => {
  const theirs = Object.values(protocolErrors).map((e) => [e.code, e.id, e.canRetry] as const);
  expect(theirs.length).toBe(129);
  const ours = all.map((e) => [e.code, e.name, e.retriable || outcomeUnknown.includes(e.name)]);
  expect(ours).toEqual([...theirs, ...newer].toSorted((a, b) => a[0] - b[0]));
});

test('names, codes and retriability are those of kafkajs', () => {
  expect(kafkajs.length).toBeGreaterThan(85);
  const changed: string[] = [];
  for (const { type, code, retriable } of kafkajs) {
    const ours = errorByCode(code);
    expect(ours?.name).toBe(renamed[type] ?? type);
    const theirWord = ours?.retriable === true || outcomeUnknown.includes(ours?.name ?? '');
    if (theirWord !== retriable) changed.push(type);
  }
  expect(changed).toEqual([]);
});

test('the http status is the first three digits of the error code', () => {
  for (const { http } of all) expect(String(http.error_code).slice(0, 3)).toBe(String(http.status));
});

test('an unknown outcome is 50401 and never retriable; 50003 is always retriable', () => {
  for (const error of all) {
    const unknown = outcomeUnknown.includes(error.name);
    expect(error.http.error_code === 50401).toBe(unknown);
    if (unknown) expect(error.retriable).toBe(false);
    if (error.http.error_code === 50003) expect(error.retriable).toBe(true);
    if (error.http.error_code === 50002) expect(error.retriable).toBe(false);
  }
});

test.for([
  ['UNKNOWN_TOPIC_OR_PARTITION', 404, 40401],
  ['GROUP_ID_NOT_FOUND', 404, 40405],
  ['UNKNOWN_MEMBER_ID', 404, 40403],
  ['TOPIC_ALREADY_EXISTS', 400, 40002],
  ['INVALID_REQUEST', 400, 40001],
  ['OFFSET_OUT_OF_RANGE', 400, 40003],
  ['SASL_AUTHENTICATION_FAILED', 401, 40101],
  ['TOPIC_AUTHORIZATION_FAILED', 403, 40301],
  ['MESSAGE_TOO_LARGE', 413, 413],
  ['RECORD_LIST_TOO_LARGE', 413, 413],
  ['CORRUPT_MESSAGE', 422, 422],
  ['INVALID_RECORD', 422, 422],
  ['THROTTLING_QUOTA_EXCEEDED', 429, 42901],
  ['UNKNOWN_SERVER_ERROR', 500, 50002],
  ['NOT_COORDINATOR', 500, 50003],
  ['REQUEST_TIMED_OUT', 504, 50401],
] as const)('%s is answered with %i and %i', ([name, status, error_code]) => {
  expect(errorByName(name).http).toEqual({ status, error_code });
});

test('messages are lower case without a full stop, and the default of a ProtocolError', () => {
  for (const { message, name } of all) {
    expect(message).toBe(message.toLowerCase());
    expect(message).not.toMatch(/\.$/);
    expect(new ProtocolError(name)).toMatchObject({ name: 'ProtocolError', kafka: name, message });
  }
});
