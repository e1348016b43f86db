import { appendsAfterDeletion, deletionsOfOthers, readsAfterDeletion } from './deletion-rules.ts';
import { factsOf } from './facts.ts';
import type { Rule } from './facts.ts';
import { unseen } from './final-rules.ts';
import type { Anomaly, History } from './history.ts';
import { listedOffsets } from './listing-rules.ts';
import { sendsInOrder } from './order-rules.ts';
import {
  acrossPolls,
  divergentReads,
  gaps,
  spuriousOutOfRange,
  staleReads,
  uncommittedReads,
  withinPolls,
} from './read-rules.ts';
import {
  abortedReads,
  brokenRefusals,
  duplicates,
  inconsistentOffsets,
  lostWrites,
  misplacedRecords,
  phantoms,
} from './write-rules.ts';

/*
 * The rules, beside the anomalies of Jepsen's Kafka workload (jepsen.tests.kafka). Jepsen knows only
 * what clients saw; with the world's journal of commits most of it can be said more sharply. `J` is
 * for what can be told only with a journal; all else is also told from outside.
 *
 * anomaly                  Jepsen                    what is wrong, and what makes it stricter
 * lost write               lost-write                acknowledged, and not in the log before (J: at
 *                                                    that moment; Jepsen: unread below what was read)
 * unseen                   unseen, lost-write        at the end, a reader misses what was acknowledged
 *                                                    or read, or nobody read the log (Jepsen: no
 *                                                    reader at all ever saw what was acknowledged)
 * inconsistent offset      inconsistent-offsets      acknowledged at a place where something else is,
 *                                                    or at two places
 * divergent read           inconsistent-offsets      an offset with two values, or two timestamps
 * duplicate                duplicate                 a value twice in a topic, not only in a partition
 * aborted read             G1a                       read, although every attempt failed
 * failed write in the log  -                      J  committed by an attempt that was said to fail
 * phantom record           -                         nobody had sent it by then
 * misplaced record         -                         sent to another topic
 * gap                      -                         offsets are dense (Kafka's need not be)
 * non-monotonic send       nonmonotonic-send         sent after another was acknowledged, by anybody,
 *                                                    and lies before it (Jepsen: of one process)
 * overtaking send          int-nonmonotonic-send,    records of one request, or of one idempotent
 *                          nonmonotonic-send         producer, lie not as they were sent
 * skipping poll            int-poll-skip,            within a poll by offsets alone, and from one poll
 *                          poll-skip                 to the next of a client that goes on
 * non-monotonic poll       int-nonmonotonic-poll,    the same
 *                          nonmonotonic-poll
 * empty poll               -                         nothing, although its own end says otherwise
 * read beyond the end      -                         a record, or a start, above the poll's own end
 * uncommitted read         precommitted-read         read before it was committed (J), or an end that
 *                                                    the log did not have (J: by then)
 * stale read               -                         an end below what was committed (J), or what
 *                                                    anybody had been told, before the call
 * spurious out of range    -                         what was in range before the call
 * wrong listing            -                         not KIP-79's answer in any state during the call
 * append after deletion    -                      J  after it was answered, or the name used again
 * read after deletion      -                      J  the same
 * deletion of another      -                      J  more topics of a name deleted than was asked for
 *
 * Not here: int-send-skip, which Jepsen allows as well (others write between), and the cycles of
 * transactions, which do not exist yet.
 */
const rules: readonly Rule[] = [
  lostWrites,
  unseen,
  inconsistentOffsets,
  divergentReads,
  duplicates,
  abortedReads,
  brokenRefusals,
  phantoms,
  misplacedRecords,
  gaps,
  sendsInOrder,
  withinPolls,
  acrossPolls,
  uncommittedReads,
  staleReads,
  spuriousOutOfRange,
  listedOffsets,
  appendsAfterDeletion,
  readsAfterDeletion,
  deletionsOfOthers,
];

/** Everything that is wrong with a history. Empty: nothing that any rule knows of. */
export function check(history: History): readonly Anomaly[] {
  const facts = factsOf(history);
  return [...history.wrong, ...rules.flatMap((rule) => rule(facts))];
}
