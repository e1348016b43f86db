import { checkConfig, formatOne } from '../../../lib/core/log/config.ts';
import type { LogConfig } from '../../../lib/core/log/config.ts';
import type { PriceSheet } from '../../../lib/core/log/placement.ts';
import { logConfig } from '../../../lib/engine/engine.ts';
import { limits } from '../../../lib/std/limits.ts';
import type { Seeded } from '../../engine/seeded.ts';

/** What may become of a call; `slow` is answered truly, but after up to a minute. */
export const faultKinds = [
  'lose-request',
  'lose-reply',
  'late',
  'throttle',
  'unavailable',
  'slow',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What one seed is made of. Each draws its own, so that every rare thing is common somewhere. */
export interface Mix {
  readonly operations: number;
  readonly processes: number;
  readonly config: LogConfig;
  readonly prices: PriceSheet;
  /** Chance per call. */
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly crashPerCall: number;
  /** Mean time between freezes, and between spells of one fault; 0: none. */
  readonly freezeEveryMs: number;
  readonly spellEveryMs: number;
  /** Mean time between jumps of somebody's calendar. */
  readonly jumpEveryMs: number;
  /** Chance that a process is frozen whenever it has nothing to answer, as on Lambda. */
  readonly resting: number;
  /** Chance that a process knows format 2, and when that is switched on; 0 and Infinity: never. */
  readonly newer: number;
  readonly levelTwoAtMs: number;
  readonly frozenMsMax: number;
  readonly skewMsMax: number;
  /** Chances of what stores do without being broken. */
  readonly tornQuery: number;
  readonly conflict: number;
  readonly partialDelete: number;
  /** Write units per second of one partition key; 0: enough. */
  readonly unitsPerSecond: number;
  readonly latencyMs: number;
  readonly thinkMs: number;
  readonly topics: number;
  readonly partitions: number;
  readonly clients: Readonly<Record<ClientKind, number>>;
  readonly valueBytes: readonly number[];
  /** Timestamps of records are whole multiples: equal ones are rare, or common. */
  readonly timestampMs: number;
  /** Chance that an admin's operation is a deletion. */
  readonly deletes: number;
  readonly giveUpMs: readonly number[];
  /** ms that a process takes for a piece of work before it says that it does not know. */
  readonly workMs: number;
  /** Groups that have members. */
  readonly groups: number;
  /** Session timeouts of members, and durations of leases. */
  readonly sessionMs: readonly number[];
  readonly leaseMs: readonly number[];
  /** Chances that a member dies, or is frozen for some sessions, after a turn. */
  readonly memberDies: number;
  readonly memberFreezes: number;
  /** Chance that a member's commits are sent once more, late. */
  readonly gateway: number;
  /** How long the offsets of a group are kept that nobody is in, ms. */
  readonly retentionMs: number;
}

export const clientKinds = [
  'plain',
  'batch',
  'idempotent',
  'keyed',
  'reader',
  'lister',
  'admin',
  'member',
  'loner',
  'groupAdmin',
  'holder',
] as const;
export type ClientKind = (typeof clientKinds)[number];

/** `logs`: producers and readers of all kinds. `groups`: members of groups, and work under leases. */
export const worldKinds = ['logs', 'groups'] as const;
export type WorldKind = (typeof worldKinds)[number];

export function drawMix(random: Seeded, kind: WorldKind): Mix {
  const mix = drawLogs(random);
  return kind === 'logs' ? mix : { ...mix, ...drawGroups(random, mix) };
}

const weekMs = 7 * 24 * 60 * 60 * 1_000;

/** Few write, and members work on that; what ends by time is at hand. */
function drawGroups(random: Seeded, { operations, skewMsMax }: Mix): Partial<Mix> {
  return {
    operations: 2 * operations,
    newer: 0,
    levelTwoAtMs: Infinity,
    thinkMs: random.pick([10, 200, 1_000, 3_000]),
    giveUpMs: random.pick([[60_000], [60_000, 1_000], [300, 5_000], [100, 1_000]]),
    topics: random.pick([1, 1, 2]),
    partitions: random.pick([1, 2, 3]),
    clients: {
      ...noClients,
      idempotent: random.int(0, 1),
      plain: random.int(1, 2),
      admin: random.pick([0, 0, 1]),
      member: random.int(2, 6),
      loner: random.pick([0, 0, 1]),
      groupAdmin: random.pick([0, 0, 1]),
      holder: random.pick([0, 0, 0, 2, 3]),
    },
    groups: random.pick([1, 1, 2, 3]),
    sessionMs: random.pick([[6_000], [6_000, 10_000], [45_000]]),
    leaseMs: random.pick([[500], [5_000], [15_000, 1_000]]),
    memberDies: random.pick([0, 0.03, 0.1]),
    memberFreezes: random.pick([0, 0.05, 0.15]),
    gateway: random.pick([0, 0.2, 0.5]),
    // Whoever notes that nobody is there may have a calendar that is late.
    retentionMs: random.chance(0.15) ? skewMsMax + random.pick([60_000, 600_000]) : weekMs,
  };
}

const noClients = Object.fromEntries(clientKinds.map((kind) => [kind, 0])) as Record<
  ClientKind,
  number
>;

function drawLogs(random: Seeded): Mix {
  const some = (...rates: number[]): number => (random.chance(0.5) ? 0 : random.pick(rates));
  const faults = Object.fromEntries(
    faultKinds.map((kind) => [kind, some(0.01, 0.05, 0.15)]),
  ) as Record<FaultKind, number>;
  const calm = random.chance(0.05);
  const latencyMs = random.pick([1, 5, 20]);
  return {
    // Long ones find what short ones cannot; but most of what is rare is drawn, not waited for.
    operations: random.chance(0.05) ? random.int(90, 300) : random.int(50, 70),
    processes: random.int(2, 6),
    config: drawConfig(random),
    prices: {
      objectPutUnits: random.pick([1, 8]),
      writeUnitBytes: random.pick([1, 50, 200, 1_024]),
      overheadBytes: 0,
    },
    faults: calm ? { ...faults, ...noFaults } : faults,
    crashPerCall: calm ? 0 : some(0.001, 0.005, 0.02),
    freezeEveryMs: calm ? 0 : some(500, 3_000, 20_000),
    spellEveryMs: calm ? 0 : some(2_000, 10_000),
    jumpEveryMs: calm ? 0 : some(5_000),
    resting: random.pick([0, 0, 0.5, 1]),
    ...drawFormats(random),
    frozenMsMax: random.pick([2_000, 60_000, 600_000]),
    skewMsMax: some(10_000, 600_000, 1_200_000),
    tornQuery: some(0.1, 0.5, 1),
    conflict: some(0.1, 0.5),
    partialDelete: some(0.2, 0.8),
    unitsPerSecond: random.chance(0.15) ? random.pick([20, 100]) : 0,
    latencyMs,
    thinkMs: random.pick([0, 10, 100, 1_000]),
    topics: random.pick([1, 1, 2]),
    partitions: random.pick([1, 1, 2, 3]),
    clients: {
      ...noClients,
      plain: random.int(0, 4),
      batch: random.int(0, 1),
      idempotent: random.int(1, 6),
      keyed: random.int(0, 3),
      reader: random.int(1, 3),
      lister: random.int(0, 2),
      admin: random.pick([0, 1, 2, 3]),
    },
    valueBytes: random.pick([[10], [10, 100], [10, 100, 1_000], [400, 3_000]]),
    deletes: random.pick([0, 0.2, 0.5]),
    giveUpMs: random.pick([[60_000], [60_000, 1_000], [300, 60_000], [30, 500, 5_000]]),
    // The shortest lets a dozen calls be made, if none of them is slow.
    workMs: random.pick([
      limits.produceDeadlineMs,
      limits.produceDeadlineMs,
      3_000,
      20 * latencyMs,
    ]),
    timestampMs: random.pick([1, 2_000]),
    groups: 0,
    sessionMs: [],
    leaseMs: [],
    memberDies: 0,
    memberFreezes: 0,
    gateway: 0,
    retentionMs: weekMs,
  };
}

/** In one world of eight a newer release is rolled out, here and there, and then back. */
function drawFormats(random: Seeded): Pick<Mix, 'newer' | 'levelTwoAtMs'> {
  const [newer, levelTwoAtMs] = [random.pick([0.5, 0.9]), random.next() * 20_000];
  return random.chance(0.125) ? { newer, levelTwoAtMs } : { newer: 0, levelTwoAtMs: Infinity };
}

const noFaults = Object.fromEntries(faultKinds.map((kind) => [kind, 0]));

function drawConfig(random: Seeded): LogConfig {
  const ringSlots = random.pick([2, 3, 4, 5, 8, 16, 32]);
  return checkConfig({
    ...logConfig,
    ringSlots,
    spillSlots: random.int(1, Math.min(4, ringSlots - 1)),
    spillBytes: random.pick([200, 1_000, formatOne.spillBytes]),
    producersMax: random.int(1, 4),
    soleBytes: random.pick([0, 300, 700, 1_000]),
    sharedBytes: random.pick([0, 300, 900, 2_700]),
    soleStreak: random.int(2, 6),
    hintEvery: random.int(1, 4),
    sharedHintEvery: random.int(1, 4),
    spillRetryEvery: random.int(1, 4),
  });
}
