import { afterEach, beforeEach, vi } from 'vitest';

/** The JSON lines that functions write, instead of the terminal. */
export function linesOfStdout(): Readonly<Record<string, unknown>>[] {
  const lines: Readonly<Record<string, unknown>>[] = [];
  beforeEach(() => {
    lines.length = 0;
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      for (const line of String(text).split('\n')) {
        if (line !== '') lines.push(JSON.parse(line) as Readonly<Record<string, unknown>>);
      }
      return true;
    });
  });
  afterEach(() => void vi.restoreAllMocks());
  return lines;
}
