import { describe } from 'vitest';
import { transcripts } from '../transcripts.ts';
import { runTranscript } from './transcript.ts';

/** What members are told, the calls that it takes, and what lies in the table afterwards. */
describe('a group does what it did', () => {
  transcripts(new URL('scenarios/', import.meta.url), runTranscript);
});
