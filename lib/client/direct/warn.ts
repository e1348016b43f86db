/** Background work that failed, of which no call tells: it is tried again. */
export function warn(error: unknown): void {
  process.emitWarning(`background work failed: ${String(error)}`, 'TailraceWarning');
}
