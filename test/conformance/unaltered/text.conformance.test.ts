// An HTTP API passes bodies of application/json on as text, with U+FFFD for what is none.

import { expect, test } from 'vitest';
import { api } from '../api.ts';

const door = api();

test('a body that is no UTF-8 is refused, and leaves nothing', async () => {
  const topic = await door.topic();
  const body = Buffer.from('{"records":[{"value":"\xff"}]}', 'latin1');
  expect(await door.ask(`POST /topics/${topic}`, { body })).toBeError(40_001, /UTF-8/);
  expect(await door.endOffset(topic)).toBe(0);
});
