import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runTranscript } from './transcript.ts';

/**
 * What members are told, the calls that it takes, and what lies in the table afterwards. With
 * REWRITE_TRANSCRIPTS=1 the files are written anew; the difference is to be read in review.
 */
const folder = new URL('scenarios/', import.meta.url);
const isRewriting = process.env['REWRITE_TRANSCRIPTS'] === '1';

describe('a group does what it did', () => {
  test.each(readdirSync(folder))('%s', (name) => {
    const file = new URL(name, folder);
    const text = readFileSync(file, 'utf8');
    const told = runTranscript(text);
    if (isRewriting) writeFileSync(file, told);
    expect(told).toBe(isRewriting ? told : text);
    expect(told).toContain('\n  ');
  });
});
