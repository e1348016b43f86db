import type { Heartbeat, HeartbeatInput } from '../../broker/group-types.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Random } from '../../ports/environment.ts';
import type { ClientContext } from '../context.ts';
import type { Topics } from '../group-types.ts';
import { backoffMs, readMayPass } from '../retries.ts';
import { keyOf } from './commits.ts';
import type { Commit, Commits, Committer } from './commits.ts';
import type { Owned } from './owned.ts';
import type { Rebalance } from './rebalance.ts';
import type { MemberSettings } from './settings.ts';

/** How long a farewell is tried: the group finds out by itself. */
const farewellMs = 10_000;

export interface MembershipParts {
  readonly topics: () => Topics | undefined;
  readonly rebalance: Rebalance;
  readonly commits: Commits;
  /** The group has answered: what was held back may be handed out. */
  readonly onHeard: () => void;
  /** It will not have this member, and says why. */
  readonly onRefused: (error: unknown) => void;
}

/** A moment by both clocks: one stands still while the machine sleeps, the other may be set. */
interface Moment {
  readonly monotonic: number;
  readonly now: number;
}

/**
 * One member of a group: joins, beats, moves on, comes back when it was taken for dead, leaves.
 * One call is under way at a time.
 */
export class Membership {
  readonly #context: ClientContext;
  readonly #settings: MemberSettings;
  readonly #parts: MembershipParts;
  #memberId = '';
  /** 0: not joined, as far as is known. */
  #epoch = 0;
  /** When the call was sent that was answered last: since then somebody else may have everything. */
  #heard: Moment | undefined;
  #beatAt = 0;
  #commitAt = 0;
  #failures = 0;
  #living: Promise<void> | undefined;
  #isStopped = false;
  #isWoken = false;
  #sleep: AbortController | undefined;

  constructor(context: ClientContext, settings: MemberSettings, parts: MembershipParts) {
    this.#context = context;
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Joins, unless it has. */
  start(): void {
    if (this.#living !== undefined || this.#isStopped) return;
    this.#begin();
    this.#failures = 0;
    this.#commitAt = this.#context.clock.monotonic() + (this.#settings.autoCommitIntervalMs ?? 0);
    this.#living = this.#live();
  }

  /** Calls at once. */
  wake(): void {
    this.#isWoken = true;
    this.#sleep?.abort();
  }

  /** A commit was refused: nothing is handed out before the group has said what it is. */
  doubt(): void {
    this.#heard = undefined;
    this.wake();
  }

  /** Who was not heard of for a session may have lost everything, and does not know yet: it asks. */
  checkHeard(): boolean {
    if (this.#heard === undefined) return false;
    const { monotonic, now } = this.#moment();
    const since = Math.max(monotonic - this.#heard.monotonic, now - this.#heard.now);
    if (since < this.#settings.sessionTimeoutMs) return true;
    if (this.#sleep !== undefined && this.#failures === 0) this.wake();
    return false;
  }

  /** For commits, as long as it is the same member. UNKNOWN_MEMBER_ID. */
  committer(): () => Committer {
    const memberId = this.#memberId;
    // A repetition has the epoch of the first try: it must not count for what was granted since.
    const memberEpoch = this.#epoch;
    return () => {
      if (this.#epoch === 0 || this.#memberId !== memberId) {
        const text = `expected a member of the group, but it has not joined, or was fenced group=${this.#settings.group}`;
        throw new ProtocolError('UNKNOWN_MEMBER_ID', text);
      }
      const { group, instanceId } = this.#settings;
      const member = { memberId, memberEpoch };
      return { group, member: instanceId === undefined ? member : { ...member, instanceId } };
    };
  }

  /** After all was let go. */
  async leave(): Promise<void> {
    const { clock } = this.#context;
    this.#isStopped = true;
    this.wake();
    if (this.#living === undefined) return;
    const answered = new AbortController();
    const late = clock.sleep(farewellMs, answered.signal);
    await Promise.race([this.#living, late]);
    await Promise.race([this.#farewell(), late]);
    answered.abort();
  }

  async #live(): Promise<void> {
    while (!this.#isStopped) {
      this.#isWoken = false;
      try {
        await this.#beat();
        this.#failures = 0;
      } catch (error) {
        if (this.#isStopped) return;
        if (!this.#mayGoOn(error)) {
          this.#living = undefined;
          this.#parts.rebalance.loseAll();
          this.#parts.onRefused(error);
          return;
        }
      }
      await this.#untilDue();
    }
  }

  async #beat(): Promise<void> {
    const { transport } = this.#context;
    const { rebalance, commits } = this.#parts;
    const { letGo } = rebalance;
    const sent = this.#moment();
    const topics = this.#parts.topics();
    const commit = this.#commit(letGo);
    const answer = await transport.heartbeat(this.#request(topics, commit));
    this.#heard = sent;
    this.#epoch = answer.memberEpoch;
    this.#beatAt = sent.monotonic + this.#intervalMs(answer);
    if (commit !== undefined) commits.settle(commit, answer.committed);
    rebalance.released(letGo);
    rebalance.apply(answer.assignment);
    this.#parts.onHeard();
  }

  /** What goes is committed with it, and now and then all. */
  #commit(letGo: readonly Owned[]): Commit | undefined {
    const everyMs = this.#settings.autoCommitIntervalMs;
    if (everyMs === undefined || this.#epoch === 0) return undefined;
    const { commits, rebalance } = this.#parts;
    const { clock } = this.#context;
    if (clock.monotonic() < this.#commitAt) return commits.draft(letGo);
    this.#commitAt = clock.monotonic() + everyMs;
    return commits.draft([...letGo, ...rebalance.held]);
  }

  #request(topics: Topics | undefined, commit: Commit | undefined): HeartbeatInput {
    const { group, instanceId, clientId, clientHost, assignor } = this.#settings;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.#settings;
    const joining = { clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs };
    return {
      group,
      memberId: this.#memberId,
      memberEpoch: this.#epoch,
      ...(instanceId === undefined ? {} : { instanceId }),
      ...(this.#epoch === 0 ? joining : {}),
      ...(this.#epoch === 0 && assignor !== undefined ? { assignor } : {}),
      // Each time: a copy of a join that comes late may have brought back what it wanted then.
      ...(topics === undefined ? {} : { subscription: topics }),
      owned: this.#parts.rebalance.held.map(keyOf),
      ...(commit === undefined ? {} : { offsets: commit.offsets, commitNumber: commit.number }),
    };
  }

  #intervalMs({ heartbeatIntervalMs }: Heartbeat): number {
    return Math.min(heartbeatIntervalMs, this.#settings.heartbeatIntervalMs);
  }

  /** False for what will not pass. */
  #mayGoOn(error: unknown): boolean {
    const { clock, random } = this.#context;
    this.#failures += 1;
    const pauseMs = backoffMs(this.#failures, random);
    const kafka = error instanceof ProtocolError ? error.kafka : undefined;
    if (kafka === 'UNKNOWN_MEMBER_ID' || kafka === 'FENCED_MEMBER_EPOCH') {
      this.#begin();
      this.#parts.rebalance.loseAll();
      this.#beatAt = clock.monotonic() + (this.#failures > 1 ? pauseMs : 0);
      return true;
    }
    this.#beatAt = clock.monotonic() + pauseMs;
    return readMayPass(error);
  }

  /** A member that was never there before: what is late of another one is not taken for its own. */
  #begin(): void {
    this.#memberId = uuid(this.#context.random);
    this.#epoch = 0;
    this.#heard = undefined;
  }

  async #untilDue(): Promise<void> {
    const { clock } = this.#context;
    const isCommitting = this.#settings.autoCommitIntervalMs !== undefined;
    for (;;) {
      const now = clock.monotonic();
      if (this.#isStopped || this.#isWoken || now >= this.#beatAt) return;
      const isCommitDue = isCommitting && now >= this.#commitAt;
      if (isCommitDue && this.#hasNews()) return;
      const next = isCommitting && !isCommitDue ? this.#commitAt : this.#beatAt;
      this.#sleep = new AbortController();
      await clock.sleep(Math.min(next, this.#beatAt) - now, this.#sleep.signal);
      this.#sleep = undefined;
    }
  }

  #hasNews(): boolean {
    return this.#parts.rebalance.held.some(({ toCommit }) => toCommit !== undefined);
  }

  /** With what was let go. A static member says that it will be back: it keeps its partitions. */
  async #farewell(): Promise<void> {
    const { clock, random, transport } = this.#context;
    const { rebalance, commits } = this.#parts;
    const { group, instanceId, autoCommitIntervalMs } = this.#settings;
    const commit = autoCommitIntervalMs === undefined ? undefined : commits.draft(rebalance.letGo);
    const last = {
      group,
      memberId: this.#memberId,
      memberEpoch: instanceId === undefined ? -1 : -2,
      lastEpoch: this.#epoch,
      ...(instanceId === undefined ? {} : { instanceId }),
      ...(commit === undefined ? {} : { offsets: commit.offsets, commitNumber: commit.number }),
    };
    const until = clock.monotonic() + farewellMs;
    for (let failures = 1; clock.monotonic() < until; failures += 1) {
      try {
        await transport.heartbeat(last);
        return;
      } catch (error) {
        if (!readMayPass(error)) return;
      }
      await clock.sleep(backoffMs(failures, random));
    }
  }

  #moment(): Moment {
    const { clock } = this.#context;
    return { monotonic: clock.monotonic(), now: clock.now() };
  }
}

/** RFC 9562, version 4. */
function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random.next() * 16).toString(16));
  hex[12] = '4';
  hex[16] = '89ab'[Math.floor(random.next() * 4)] ?? '8';
  const text = hex.join('');
  return [8, 12, 16, 20, 32]
    .map((end, at, ends) => text.slice(at === 0 ? 0 : ends[at - 1], end))
    .join('-');
}
