import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const isRewriting = process.env['REWRITE_TRANSCRIPTS'] === '1';

/**
 * A test for each file of a folder: what it is told is what it says. With REWRITE_TRANSCRIPTS=1 the
 * files are written anew; the difference is to be read in review.
 */
export function transcripts(folder: URL, run: (text: string) => string): void {
  test.each(readdirSync(folder))('%s', (name) => {
    const file = new URL(name, folder);
    const text = readFileSync(file, 'utf8');
    const told = run(text);
    if (isRewriting) writeFileSync(file, told);
    expect(told).toBe(isRewriting ? told : text);
    expect(told).toContain('\n  ');
  });
}
