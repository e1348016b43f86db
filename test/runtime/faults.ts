import { setTimeout as sleep } from 'node:timers/promises';
import type { Seeded } from '../local/random.ts';
import type { Sandbox } from './sandbox.ts';
import type { FunctionService } from './service.ts';

interface Weather {
  readonly services: readonly FunctionService[];
  readonly random: Seeded;
  /** In ms of `performance.now()`. */
  readonly endsAt: number;
  /** Longer than every timeout. */
  readonly longMs: number;
  /** How many calls have ended so far. */
  readonly calls: () => number;
  readonly count: (what: 'short holds' | 'long holds' | 'kills' | 'kills of held') => void;
}

const heldMax = 6;

/** Freezes and kills sandboxes in the middle of calls. All that it froze is thawed or gone when it resolves. */
export async function storm(weather: Weather): Promise<void> {
  const { services, random, endsAt, longMs, calls, count } = weather;
  const held = new Map<Sandbox, Promise<void>>();
  while (performance.now() < endsAt) {
    await someCalls(calls, random.int(1, 30));
    const busy = services
      .flatMap(({ sandboxes }) => sandboxes)
      .filter((each) => each.isBusy && !held.has(each));
    const victim = busy[random.int(0, busy.length - 1)];
    if (victim === undefined) continue;
    if (random.chance(0.2)) {
      count('kills');
      victim.kill();
      continue;
    }
    if (held.size >= heldMax) continue;
    const isLong = random.chance(0.5) && performance.now() + longMs < endsAt;
    count(isLong ? 'long holds' : 'short holds');
    const hold = async (): Promise<void> => {
      victim.hold();
      await sleep(isLong ? longMs : random.int(100, 3_000));
      held.delete(victim);
      if (random.chance(0.8)) return victim.release();
      count('kills of held');
      victim.kill();
    };
    held.set(victim, hold());
  }
  await Promise.all(held.values());
}

/** So many, or as many as there are within two seconds: a busy machine must get on, too. */
async function someCalls(calls: () => number, count: number): Promise<void> {
  const [from, until] = [calls(), performance.now() + 2_000];
  while (calls() < from + count && performance.now() < until) await sleep(10);
}
