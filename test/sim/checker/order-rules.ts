import type { Facts, Rule } from './facts.ts';
import { grouped, logName } from './history.ts';
import type { Anomaly, Send } from './history.ts';

/** A record of known place, and its way there. */
interface Span {
  readonly value: string;
  readonly log: string;
  readonly offset: bigint;
  /** When it was sent first, and when it was first acknowledged, if ever. */
  readonly sent: number;
  readonly told: number;
  readonly first: Send;
}

/**
 * What was acknowledged before something else was sent for the first time lies before it, whoever
 * sent the two. Records of one request, and all of one idempotent producer, lie in the order of
 * their sending, acknowledged or not. Of all else that is unknown nothing can be said.
 */
export const sendsInOrder: Rule = (facts) =>
  [...spansByLog(facts)].flatMap(([log, spans]) => [
    ...outOfTime(log, spans),
    ...outOfTurn(log, spans),
  ]);

/** In the order of sending. Of what is in two places, as after a deletion, the first counts. */
function spansByLog({ history, places, attempts }: Facts): Map<string, Span[]> {
  const spans: Span[] = [];
  for (const [value, all] of attempts) {
    const [first] = all;
    if (first === undefined) continue;
    const [place] = places.get(value) ?? [];
    const ok = all.find(({ outcome }) => outcome === 'ok');
    const where =
      place !== undefined
        ? { log: place.log.name, offset: place.offset }
        : !history.journal && ok !== undefined && { log: logName(ok), offset: ok.offset };
    if (where === false) continue;
    let [sent, told] = [Infinity, Infinity];
    for (const { invoked, completed, outcome } of all) {
      sent = Math.min(sent, invoked);
      if (outcome === 'ok') told = Math.min(told, completed);
    }
    spans.push({ value, ...where, sent, told, first });
  }
  spans.sort((a, b) => a.sent - b.sent);
  return grouped(spans, ({ log }) => log);
}

function outOfTime(log: string, spans: readonly Span[]): Anomaly[] {
  const found: Anomaly[] = [];
  const acknowledged = spans.filter(({ told }) => told < Infinity);
  const byTold = acknowledged.toSorted((a, b) => a.told - b.told);
  let next = 0;
  let highest: Span | undefined;
  for (const span of spans) {
    for (; (byTold[next]?.told ?? Infinity) < span.sent; next += 1) {
      const told = byTold[next] as Span;
      if (highest === undefined || told.offset > highest.offset) highest = told;
    }
    if (highest === undefined || highest.offset < span.offset) continue;
    const detail = `${log}: ${span.value} at ${span.offset}, sent after ${highest.value} was told at ${highest.offset}`;
    found.push({ rule: 'non-monotonic send', detail });
  }
  return found;
}

function outOfTurn(log: string, spans: readonly Span[]): Anomaly[] {
  const found: Anomaly[] = [];
  const turns = grouped(spans, ({ first: { producer, request } }) => producer ?? request);
  for (const turn of turns.values()) {
    for (const [i, { value, offset }] of turn.entries()) {
      const before = turn[i - 1];
      if (before === undefined || before.offset < offset) continue;
      const detail = `${log}: ${value} at ${offset}, sent after ${before.value} at ${before.offset}`;
      found.push({ rule: 'overtaking send', detail });
    }
  }
  return found;
}
