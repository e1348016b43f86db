import type { Call } from './cloud.ts';
import type { Observed, Served } from './load.ts';

const tookMs = ({ startedMs, answeredMs }: Served): number => answeredMs - startedMs;

/** `12+8 get R` is a read sent 12 ms after the request came, and answered after 8. */
function show({ what, outcome, sentMs, answeredMs }: Call, startedMs: number): string {
  const when = `${Math.round(sentMs - startedMs)}+${Math.round(answeredMs - sentMs)}`;
  return `${when} ${what}${outcome === 'done' ? '' : ` (${outcome})`}`;
}

/** The requests that took longest, each as the calls that it made: what waited for what. */
export function slowest({ served }: Observed, count: number): readonly string[] {
  return served
    .toSorted((a, b) => tookMs(b) - tookMs(a))
    .slice(0, count)
    .map((request) => {
      const calls = request.calls.toSorted((a, b) => a.sentMs - b.sentMs);
      const shown = calls.map((call) => show(call, request.startedMs)).join(', ');
      return `${Math.round(tookMs(request))} ms: ${shown}`;
    });
}
