import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { importTimes } from '../../package/installation.ts';
import { evaluate, loadedBy } from './evaluate.ts';

const project = inject('project');

test('importing the client loads neither the SDK nor a store, a server, the engine', async () => {
  const files = await loadedBy(project, 'tailrace');
  expect(files).toContain('tailrace/lib/client/index.js');
  const foreign = files.filter((file) => !file.startsWith('tailrace/'));
  // Of others only two codecs, and what they stand on.
  expect(foreign.filter((file) => !file.startsWith('@platformatic/'))).toEqual([]);
  const late = /^tailrace\/lib\/(?:adapters\/(?:aws|embedded)|client\/(?:direct|http)|local|cli)\//;
  expect(files.filter((file) => late.test(file))).toEqual([]);
  expect(files).not.toContain('tailrace/lib/engine/engine.js');
  expect(files.length).toBeLessThan(90);
});

test('every module finds what it imports, also what is imported only when it is needed', async () => {
  // Those two are begun with, and do something at once.
  const begun = ['lib/cli/main.js', 'lib/adapters/embedded/writer-thread.js'];
  const modules = inject('packed')
    .files.map(({ path }) => path)
    .filter((path) => /^lib\/.*\.js$/.test(path) && !begun.includes(path));
  const source = `
    for (const path of ${JSON.stringify(modules)}) await import('./node_modules/tailrace/' + path);
    console.log(JSON.stringify('all'));
  `;
  expect(modules.length).toBeGreaterThan(150);
  expect(await evaluate(project, source)).toBe('all');
});

test('a program of CommonJS requires it', async () => {
  const source = `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    console.log(JSON.stringify(typeof require('tailrace').createClient));
  `;
  expect(await evaluate(project, source)).toBe('function');
});

test('what that takes, beside a process that does nothing', async () => {
  const times = await importTimes(project, ['tailrace']);
  console.log(times.map(({ what, ms }) => `${what}: ${ms.toFixed(0)} ms of CPU`).join(', '));
  expect(times.map(({ what }) => what)).toEqual(['nothing', 'tailrace']);
});

const roundTrip = (client: string) => `
  import { createClient, json, startTailrace, string } from 'tailrace';
  await using client = ${client};
  const producer = client.producer({ key: string, value: json() });
  const sent = [];
  for (let n = 0; n < 3; n++) sent.push(producer.send({ topic: 'rivers', key: 'rhine', value: { n } }));
  const offsets = (await Promise.all(sent)).map(({ offset }) => Number(offset));
  const assignments = [{ topic: 'rivers' }];
  const consumer = client.consumer({ key: string, value: json(), assignments, until: 'end' });
  const read = [];
  for await (const { key, value } of consumer) read.push([key, value.n]);
  console.log(JSON.stringify({ offsets, read }));
`;
const expected = {
  offsets: [0, 1, 2],
  read: [
    ['rhine', 0],
    ['rhine', 1],
    ['rhine', 2],
  ],
};

test('a log in memory', async () => {
  expect(await evaluate(project, roundTrip(`await startTailrace({ topics: ['rivers'] })`))).toEqual(
    expected,
  );
});

test('a log in a directory, whose thread is found', async () => {
  const dir = JSON.stringify(join(project, 'log'));
  const open = `await createClient({ dir: ${dir} })`;
  const create = `(await (async () => {
    const client = ${open};
    await client.admin.createTopic({ name: 'rivers' });
    return client;
  })())`;
  expect(await evaluate(project, roundTrip(create))).toEqual(expected);
});
