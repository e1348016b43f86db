import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runTranscript } from './transcript.ts';

/**
 * I11: what a command means under format 1 never changes once a release was tagged. With
 * REWRITE_TRANSCRIPTS=1 the files are written anew; the difference is to be read in review.
 */
const folder = new URL('scenarios/', import.meta.url);
const isRewriting = process.env['REWRITE_TRANSCRIPTS'] === '1';

describe('replay of format 1 says what it said', () => {
  test.each(readdirSync(folder))('%s', (name) => {
    const file = new URL(name, folder);
    const text = readFileSync(file, 'utf8');
    const told = runTranscript(text);
    if (isRewriting) writeFileSync(file, told);
    expect(told).toBe(isRewriting ? told : text);
    expect(told).toContain('\n  ');
  });
});
