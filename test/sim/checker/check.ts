import { appendsAfterDeletion, deletionsOfOthers, readsAfterDeletion } from './deletion-rules.ts';
import { factsOf } from './facts.ts';
import type { Rule } from './facts.ts';
import { unseen } from './final-rules.ts';
import type { Anomaly, History } from './history.ts';
import { fencedWrites } from './lease-rules.ts';
import { listedOffsets } from './listing-rules.ts';
import { commitsInOrder, toldCommits, toldOffsets } from './offset-rules.ts';
import { sendsInOrder } from './order-rules.ts';
import { oneOwner } from './ownership-rules.ts';
import {
  acrossPolls,
  divergentReads,
  gaps,
  spuriousOutOfRange,
  staleReads,
  uncommittedReads,
  withinPolls,
} from './read-rules.ts';
import { settledGroups, workedOnAll, workedOnce } from './work-rules.ts';
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
 * Consumer groups and leases, which Jepsen's workload does not have:
 *
 * two owners               J granted while another has it; delivered to who does not own it; from
 *                          outside: commits of two members accepted under one grant
 * stale commit             J of who does not own it, or has given it up, or is gone; from outside:
 *                          accepted under an older grant after one of a newer was
 * moved offset             J a partition went to another, and its offset did not go with it
 * committed offset goes    J by a member
 *   back
 * unasked change           J set by nobody, and nobody asked for it
 * lost commit              J acknowledged, and neither it nor a later one of the member counted
 * failed commit            J told refused, and accepted then or later
 * phantom commit           J accepted, and nobody had sent it by then
 * wrong committed offset   J told, and not the committed one at any moment of the call
 * stale committed offset   told, and older than what was acknowledged before (only members commit)
 * skipped record           J below a committed offset, and no member of the group has worked on it
 * unprocessed record       the same in the end, of all records
 * worked on twice          by members that commit first
 * unsettled group          in the end not stable or not listed, or a partition is not owned by one
 *                          who lives and asked for it
 * fenced write             J accepted after one with a higher fencing number
 * two holders              J of two holders, with one fencing number
 * lost update              J over what its holder had not seen
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
  oneOwner,
  toldCommits,
  toldOffsets,
  commitsInOrder,
  workedOnAll,
  workedOnce,
  settledGroups,
  fencedWrites,
];

/** Everything that is wrong with a history. Empty: nothing that any rule knows of. */
export function check(history: History): readonly Anomaly[] {
  const facts = factsOf(history);
  return [...history.wrong, ...rules.flatMap((rule) => rule(facts))];
}
