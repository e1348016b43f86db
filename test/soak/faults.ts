import type { Seeded } from '../local/random.ts';

/** What is done next, and to how much. */
export type Drawn =
  | { readonly kind: 'kill' | 'stop'; readonly restartMs: number }
  /** Longer than the session, or shorter. */
  | { readonly kind: 'freeze'; readonly ms: number }
  | { readonly kind: 'server'; readonly restartMs: number };

/** At most so many members are dead or frozen at a time. */
export const outMax = 3;

const shares = [
  ['kill', 0.35],
  ['stop', 0.65],
  ['long freeze', 0.8],
  ['short freeze', 0.9],
  ['server', 1],
] as const;

/** One of each first, so that there is each however short it is. */
export function* draw(random: Seeded): Generator<Drawn, never> {
  yield { kind: 'freeze', ms: 8_000 };
  yield { kind: 'kill', restartMs: 500 };
  yield { kind: 'stop', restartMs: 500 };
  yield { kind: 'server', restartMs: 200 };
  for (;;) yield drawn(random);
}

function drawn(random: Seeded): Drawn {
  const choice = random.next();
  const kind = shares.find(([, upTo]) => choice < upTo)?.[0] ?? 'server';
  switch (kind) {
    case 'long freeze':
      return { kind: 'freeze', ms: random.int(7_500, 10_000) };
    case 'short freeze':
      return { kind: 'freeze', ms: random.int(200, 3_000) };
    case 'server':
      return { kind, restartMs: random.int(0, 500) };
    default:
      return { kind, restartMs: random.int(0, 1_500) };
  }
}

/** Clean stops and deaths in turn, each alone: what comes instead comes when all is settled. */
export function* drawCalm(): Generator<Drawn, never> {
  const restartMs = 13_000;
  for (;;) {
    yield { kind: 'stop', restartMs };
    yield { kind: 'kill', restartMs };
  }
}

/** ms until the next. */
export const pauseMs = (random: Seeded): number => random.int(200, 2_000);
export const calmPauseMs = (random: Seeded): number => random.int(19_000, 21_000);
