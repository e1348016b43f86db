const names = ['SIGINT', 'SIGTERM'] as const;
export type StopSignal = (typeof names)[number];

/** As a shell counts it. */
export const signalExitCodes: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * Told of the first SIGINT or SIGTERM. The second one finds no handler and ends the process, or
 * finds `again`, which ends it itself.
 */
export function onStop(
  first: (name: StopSignal) => void,
  again?: (name: StopSignal) => void,
): void {
  const stop = (name: StopSignal): void => {
    for (const each of names) {
      process.off(each, stop);
      if (again !== undefined) process.on(each, again);
    }
    first(name);
  };
  for (const each of names) process.on(each, stop);
}
