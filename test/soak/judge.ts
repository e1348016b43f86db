import type { Fault, MemberHistory, Outage } from './events.ts';
import { tenuresOf } from './tenures.ts';
import type { Tenure } from './tenures.ts';

/** What is known of the log and the group when all is over. */
export interface Outcome {
  /** Of each partition. */
  readonly endOffsets: readonly number[];
  /** Of each partition; undefined where nothing was committed. */
  readonly committed: readonly (number | undefined)[];
  /** That were acknowledged to who sent them. */
  readonly records: number;
  readonly outages: readonly Outage[];
}

/**
 * Why a record was handed out again. `evicted`: the member lost the partition although nothing was
 * done to it, as on a machine that is too slow. `unanswered`: its last commit was, or may have been.
 */
const reasons = ['killed', 'frozen', 'evicted', 'unanswered'] as const;
type Reason = (typeof reasons)[number];

export interface Judgement {
  /** What must not be; at most the first hundred. */
  readonly wrong: readonly string[];
  readonly seen: number;
  /** Records that were handed out more than once. */
  readonly repeated: number;
  /** Times that a record was handed out again. */
  readonly because: Readonly<Record<Reason, number>>;
  readonly tenures: readonly Tenure[];
}

interface Sighting {
  readonly t: number;
  readonly tenure: Tenure;
}

const wrongMax = 100;

/**
 * Holds what all members wrote down against the log: each record was handed out; what was handed out
 * again lies between a commit and a kill or a freeze; who gets a partition begins at or above what
 * was acknowledged before; within a tenure nothing is left out; all is committed in the end.
 */
export function judge(members: readonly MemberHistory[], outcome: Outcome): Judgement {
  const wrong: string[] = [];
  const tell = (text: string): void => {
    if (wrong.length < wrongMax) wrong.push(text);
  };
  const tenures = members.flatMap((member) => tenuresOf(member, tell));
  checkBeginnings(tenures, members, tell);
  const sightings = collect(tenures, tell);
  checkEnd(sightings, outcome, tell);
  const because = { killed: 0, frozen: 0, evicted: 0, unanswered: 0 };
  let repeated = 0;
  for (const [place, found] of sightings) {
    if (found.length > 1) repeated += 1;
    const inOrder = found.toSorted((a, b) => a.t - b.t);
    const offset = Number(place.slice(place.indexOf('@') + 1));
    for (const [index, now] of inOrder.slice(1).entries()) {
      const before = inOrder[index];
      const { outages } = outcome;
      const reason =
        reasonOf(before?.tenure, offset, outages) ?? reasonOf(now.tenure, offset, outages);
      if (reason !== undefined) because[reason] += 1;
      else tell(`${place} at ${now.tenure.member.name} and at ${before?.tenure.member.name}`);
    }
  }
  return { wrong, seen: sightings.size, repeated, because, tenures };
}

/**
 * What broke a tenure off, above its last commit. A member that was frozen past its session had not
 * committed, or wakes up with records in its hands that somebody else has got meanwhile.
 */
function reasonOf(
  tenure: Tenure | undefined,
  offset: number,
  outages: readonly Outage[],
): Reason | undefined {
  if (tenure === undefined || offset < tenure.committed) return undefined;
  const { batches, member, from, to, end } = tenure;
  const done = (kind: Fault['kind']): boolean =>
    member.faults.some((fault) => fault.kind === kind && fault.t >= from && fault.t <= to);
  const lastMs = batches.at(-1)?.t ?? from;
  const metNobody = outages.some((outage) => outage.from <= to && outage.to >= lastMs);
  if (end === 'lost') return done('frozen') ? 'frozen' : 'evicted';
  if (end === undefined) {
    if (done('killed')) return 'killed';
    // Its close took too long.
    return done('stopped') && metNobody ? 'unanswered' : undefined;
  }
  const wasRefused = member.events.some(({ e, t }) => e === 'refused' && t >= from && t <= to);
  // A client that commits by itself says nothing of a refusal, as after a silence longer than its session.
  const wasSilent =
    done('frozen') || outages.some((outage) => outage.from <= to && outage.to >= from);
  return wasRefused || (member.isAuto && wasSilent) ? 'unanswered' : undefined;
}

/** Who was handed what, by `partition@offset`. */
function collect(
  tenures: readonly Tenure[],
  tell: (text: string) => void,
): ReadonlyMap<string, readonly Sighting[]> {
  const sightings = new Map<string, Sighting[]>();
  const nameAt = new Map<string, number>();
  const placeOf = new Map<number, string>();
  for (const tenure of tenures) {
    for (const { t, offset, names } of tenure.batches) {
      for (const [index, n] of names.entries()) {
        const place = `${tenure.partition}@${offset + index}`;
        if ((nameAt.get(place) ?? n) !== n) tell(`${place} is n=${nameAt.get(place)} and n=${n}`);
        if ((placeOf.get(n) ?? place) !== place) tell(`n=${n} at ${placeOf.get(n)} and ${place}`);
        nameAt.set(place, n);
        placeOf.set(n, place);
        const found = sightings.get(place);
        if (found === undefined) sightings.set(place, [{ t, tenure }]);
        else found.push({ t, tenure });
      }
    }
  }
  return sightings;
}

function checkEnd(
  sightings: ReadonlyMap<string, unknown>,
  { endOffsets, committed, records }: Outcome,
  tell: (text: string) => void,
): void {
  let inLog = 0;
  for (const [partition, end] of endOffsets.entries()) {
    inLog += end;
    for (let offset = 0; offset < end; offset += 1) {
      if (!sightings.has(`${partition}@${offset}`)) tell(`${partition}@${offset} was never seen`);
    }
    const last = committed[partition] ?? 0;
    if (last !== end) tell(`${partition} is committed up to ${last}, and ends at ${end}`);
  }
  if (inLog !== records) tell(`the log has ${inLog} records, ${records} were acknowledged`);
  if (sightings.size > inLog) tell(`${sightings.size} places were seen, the log has ${inLog}`);
}

function checkBeginnings(
  tenures: readonly Tenure[],
  members: readonly MemberHistory[],
  tell: (text: string) => void,
): void {
  const commits = members
    .flatMap(({ events }) => events)
    .flatMap((event) =>
      event.e === 'committed'
        ? event.of.map(([partition, offset]) => ({ t: event.t, partition, offset }))
        : [],
    );
  const byPartition = Map.groupBy(commits, ({ partition }) => partition);
  for (const { member, partition, from, begin } of tenures) {
    if (begin === undefined) continue;
    for (const { t, offset } of byPartition.get(partition) ?? []) {
      if (t >= from || offset <= begin) continue;
      tell(`${member.name} began with ${partition}@${begin}, but ${offset} was committed before`);
    }
  }
}

/** ms from each fault of a kind until somebody else is handed a record, by partition concerned. */
export function takeOvers(tenures: readonly Tenure[], kind: Fault['kind']): readonly number[] {
  const byPartition = Map.groupBy(tenures, ({ partition }) => partition);
  return tenures.flatMap(({ member, partition, from, to }) => {
    const fault = member.faults.find((each) => each.kind === kind && each.t >= from && each.t < to);
    if (fault === undefined) return [];
    const next = (byPartition.get(partition) ?? [])
      .filter((other) => other.member !== member)
      .flatMap(({ batches }) => batches.map(({ t }) => t))
      .filter((t) => t > fault.t);
    return next.length === 0 ? [] : [Math.min(...next) - fault.t];
  });
}
