import { expect, test } from 'vitest';
import {
  refusalOfCall,
  refusalOfCommit,
  refusalOfUnowned,
} from '../../../lib/core/group/refusals.ts';
import { errorByName } from '../../../lib/protocol/errors.ts';

test.each([
  ['unknown-member', 'UNKNOWN_MEMBER_ID'],
  ['fenced-instance', 'FENCED_INSTANCE_ID'],
  ['fenced-epoch', 'FENCED_MEMBER_EPOCH'],
  ['group-full', 'GROUP_MAX_SIZE_REACHED'],
  ['too-many-partitions', 'INVALID_REQUEST'],
  ['non-empty', 'NON_EMPTY_GROUP'],
  ['no-group', 'GROUP_ID_NOT_FOUND'],
] as const)('a call that is refused for %s is answered with %s', (reason, error) => {
  expect(refusalOfCall(reason).error).toBe(error);
  // Nothing happened, and the same call would be refused again.
  expect(errorByName(error).retriable).toBe(false);
});

test.each([
  ['accepted', undefined],
  ['overtaken', undefined],
  ['stale-epoch', 'STALE_MEMBER_EPOCH'],
  ['not-owned', 'STALE_MEMBER_EPOCH'],
  ['metadata-too-large', 'OFFSET_METADATA_TOO_LARGE'],
  ['unknown', 'REQUEST_TIMED_OUT'],
] as const)('a commit that is judged %s is answered with %s', (verdict, error) => {
  expect(refusalOfCommit(verdict)?.error).toBe(error);
});

test.each([
  ['accepted', undefined],
  ['owned', 'UNKNOWN_MEMBER_ID'],
  ['metadata-too-large', 'OFFSET_METADATA_TOO_LARGE'],
  ['unknown', 'REQUEST_TIMED_OUT'],
  ['not-sent', 'KAFKA_STORAGE_ERROR'],
] as const)('a commit without a member that is judged %s is answered with %s', (verdict, error) => {
  expect(refusalOfUnowned(verdict)?.error).toBe(error);
});

test('only what was not sent may be repeated as if nothing had happened', () => {
  const verdicts = ['owned', 'metadata-too-large', 'unknown', 'not-sent'] as const;
  const retriable = verdicts.filter((verdict) => {
    const told = refusalOfUnowned(verdict);
    return told !== undefined && errorByName(told.error).retriable;
  });
  expect(retriable).toEqual(['not-sent']);
});
