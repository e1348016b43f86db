import { describe } from 'vitest';
import { transcripts } from '../transcripts.ts';
import { runTranscript } from './transcript.ts';

/** I11: what a command means under format 1 never changes once a release was tagged. */
describe('replay of format 1 says what it said', () => {
  transcripts(new URL('scenarios/', import.meta.url), runTranscript);
});
