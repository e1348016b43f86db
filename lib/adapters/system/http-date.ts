/** ms since 1970 of a Date header (RFC 9110, 5.6.7), in whole seconds; undefined if it is none. */
export function parseHttpDate(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
