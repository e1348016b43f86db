import { describe } from 'vitest';
import { transcripts } from '../transcripts.ts';
import { runTranscript } from './transcript.ts';

/** What clients are told, the calls that it takes, and what the item says afterwards. */
describe('an instance does what it did', () => {
  transcripts(new URL('scenarios/', import.meta.url), runTranscript);
});
