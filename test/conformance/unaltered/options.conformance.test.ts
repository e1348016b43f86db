// The emulated HTTP API answers OPTIONS itself, with 403.

import { expect, test } from 'vitest';
import { api } from '../api.ts';

const door = api();

test('OPTIONS tells the methods of a path, and no other site may call it', async () => {
  const options = await door.ask('OPTIONS /topics');
  expect(options.status).toBe(204);
  expect(options.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  expect(options.headers.get('access-control-allow-origin')).toBeNull();
});
