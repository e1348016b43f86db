import type { Appended } from '../engine/appender.ts';
import type { ProducedRecord } from './broker.ts';
import { failed, refusedBy } from './produce-errors.ts';
import { LogClosed } from './retry-closed.ts';
import type { Share } from './split-records.ts';

/** If every partition is closed, nothing was appended, and all of it may go to the next topic. */
export function throwIfClosed(answers: readonly (Appended | ProducedRecord)[]): void {
  if (answers.length > 0 && answers.every(isClosed)) throw new LogClosed();
}

/** Also a command that came just behind the one that closed the log. */
function isClosed(answer: Appended | ProducedRecord): boolean {
  if ('ok' in answer) return false;
  if (answer.kind !== 'decided') return answer.kind === 'closed';
  const { verdict } = answer;
  return verdict.kind === 'refused' && verdict.reason === 'closed';
}

/** Fills in the answers of one partition's records. */
export function settle(
  results: ProducedRecord[],
  share: Share,
  answer: Appended | ProducedRecord,
  retryMayDuplicate = true,
): void {
  share.indexes.forEach((index, i) => {
    results[index] = recordAnswer(share, answer, i, retryMayDuplicate);
  });
}

function recordAnswer(
  share: Share,
  answer: Appended | ProducedRecord,
  i: number,
  retryMayDuplicate: boolean,
): ProducedRecord {
  if ('ok' in answer) return answer;
  const { partition } = share;
  switch (answer.kind) {
    case 'closed':
      return failed(partition, 'UNKNOWN_TOPIC_OR_PARTITION', 'the topic was deleted');
    case 'not-committed':
      return failed(
        partition,
        'KAFKA_STORAGE_ERROR',
        'the store did not take it in time, and nothing was appended; send it again',
      );
    case 'unknown': {
      const { commandId } = answer;
      const advice = retryMayDuplicate ? 'may append it twice' : 'is safe';
      const message = `outcome unknown: it may have been appended; sending it again ${advice}`;
      const unknown = { commandId, retryMayDuplicate };
      return { ...failed(partition, 'REQUEST_TIMED_OUT', message), unknown };
    }
    case 'decided': {
      const { verdict, before } = answer;
      if (verdict.kind !== 'accepted' && verdict.kind !== 'duplicate') {
        return refusedBy(partition, verdict);
      }
      const offset = verdict.baseOffset + BigInt(before + i);
      const timestamp = verdict.kind === 'accepted' ? share.records[i]?.timestamp : undefined;
      return { ok: true, partition, offset, timestamp };
    }
  }
}
