import type { Running, World } from './world.ts';

/**
 * What happens to processes besides faults of their calls: freezes, spells in which nearly every
 * call of one or all meets the same fault, and calendars that jump. Until `over`.
 */
export function disturb(world: World, over: () => boolean): void {
  const { random, mix } = world;
  const someone = (): Running => random.pick(world.processes);
  const every = (meanMs: number, act: () => void): void => {
    if (meanMs === 0) return;
    const next = (): void =>
      world.scheduler.after(random.next() * 2 * meanMs, () => {
        if (over()) return;
        act();
        next();
      });
    next();
  };
  every(mix.freezeEveryMs, () => {
    world.network.count('freeze');
    someone().host.freeze(Math.ceil(random.next() * mix.frozenMsMax));
  });
  every(mix.spellEveryMs, () => {
    world.network.beginSpell(random.chance(0.5) ? someone().host : undefined);
  });
  every(mix.jumpEveryMs, () => {
    world.network.count('clock jump');
    someone().host.skewMs = Math.floor((random.next() * 2 - 1) * mix.skewMsMax);
  });
}
