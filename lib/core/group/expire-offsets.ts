import { ask, end } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Ownership } from './group.ts';
import type { GroupReply, GroupRequest } from './requests.ts';

/** Of a group without any member's item, as they were read. */
export interface ExpireOffsetsInput {
  readonly ownerships: readonly Ownership[];
}

export interface ExpireOffsetsState {
  readonly left: readonly Ownership[];
  readonly expired: number;
}

const atOnce = 100;

/**
 * Writes "no offset" where there is one, on the very version that was judged too old: what was
 * committed or granted since stands. The owner that is named is no more, so that nothing else is
 * said by it. 1 write per offset.
 */
export const expireOffsets: Machine<
  ExpireOffsetsInput,
  ExpireOffsetsState,
  GroupRequest,
  GroupReply,
  number
> = {
  start: ({ ownerships }) => {
    const left = ownerships.filter(({ committed }) => committed !== undefined);
    return next({ left, expired: 0 });
  },
  step({ left, expired }, replies) {
    const done = replies.filter(({ outcome }) => outcome.kind === 'done');
    return next({ left, expired: expired + done.length });
  },
};

function next({ left, expired }: ExpireOffsetsState) {
  if (left.length === 0) return end(expired);
  const puts = left.slice(0, atOnce).map((one): GroupRequest => {
    const ownership = { ...one, committed: undefined, version: one.version + 1 };
    return { kind: 'put-ownership', ownership };
  });
  return ask({ left: left.slice(atOnce), expired }, ...puts);
}
