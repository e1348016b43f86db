import { afterEach, beforeEach, vi } from 'vitest';

/** The JSON lines that functions write, instead of the terminal; errors go to the other stream. */
export function writtenLines(): Readonly<Record<string, unknown>>[] {
  const lines: Readonly<Record<string, unknown>>[] = [];
  beforeEach(() => {
    lines.length = 0;
    const take = (text: string | Uint8Array): boolean => {
      for (const line of String(text).split('\n')) {
        if (line !== '') lines.push(JSON.parse(line) as Readonly<Record<string, unknown>>);
      }
      return true;
    };
    vi.spyOn(process.stdout, 'write').mockImplementation(take);
    vi.spyOn(process.stderr, 'write').mockImplementation(take);
  });
  afterEach(() => void vi.restoreAllMocks());
  return lines;
}
