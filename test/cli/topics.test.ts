import { expect, test } from 'vitest';
import { Log } from './log.ts';
import { inTerminal } from './terminal.ts';

const log = new Log();

test('a topic from its creation to its end', async () => {
  const create = ['topic', 'create', 'rivers', '--partitions', '3', '--config', 'retention.ms=1'];
  expect(await log.done(create)).toBe('created rivers with 3 partitions\n');
  expect(await log.done(['topic', 'describe', 'rivers'])).toBe(
    'topic:       rivers\npartitions:  3\n\nCONFIG        VALUE\nretention.ms  1\n',
  );
  const alter = ['topic', 'alter', 'rivers', '-P', '4', '--delete-config', 'retention.ms'];
  expect(await log.done([...alter, '--config', 'segment.ms=60000'])).toBe('altered rivers\n');
  const described: unknown = JSON.parse(await log.done(['topic', 'describe', 'rivers', '--json']));
  expect(described).toEqual({
    topic: 'rivers',
    partitions: 4,
    configs: [{ name: 'segment.ms', value: '60000', is_default: false }],
  });
  expect(await log.done(['topic', 'delete', 'rivers'])).toBe('deleted rivers\n');
  expect(await log.done(['topic', 'list', '--json'])).toBe('[]\n');
});

test('what is there, and what is not, may be taken as it is', async () => {
  const name = await log.topic();
  const there = await log.run(['topic', 'create', name]);
  expect(there).toMatchObject({ code: 1, stdout: '' });
  expect(there.stderr).toMatch(/^tailrace: TOPIC_ALREADY_EXISTS: .*--if-not-exists.*\n$/u);
  expect(await log.done(['topic', 'create', name, '--if-not-exists'])).toBe(`${name} is there\n`);
  const gone = await log.run(['topic', 'delete', 'none']);
  expect(gone).toMatchObject({ code: 1, stdout: '' });
  expect(gone.stderr).toContain('UNKNOWN_TOPIC_OR_PARTITION');
  expect(await log.done(['topic', 'delete', 'none', '--if-exists'])).toBe('there is no none\n');
  const json = await log.done(['topic', 'create', name, '--if-not-exists', '--json']);
  expect(JSON.parse(json)).toEqual({ topic: name, created: false });
  const alter = await log.done(['topic', 'alter', name, '-P', '2', '--json']);
  expect(JSON.parse(alter)).toEqual({ topic: name, altered: true });
  const deletion = await log.done(['topic', 'delete', name, '--json']);
  expect(JSON.parse(deletion)).toEqual({ topic: name, deleted: true });
});

test('what the log refuses is told by its name', async () => {
  const name = await log.topic(2);
  const refusals = [
    [['topic', 'alter', name, '-P', '1'], 'INVALID_PARTITIONS'],
    [['topic', 'alter', name, '--config', 'retention.ms=soon'], 'INVALID_CONFIG'],
    [['topic', 'create', 'a/b'], 'INVALID_TOPIC_EXCEPTION'],
    [['topic', 'create', 'x', '--config', 'no.such=1'], 'INVALID_CONFIG'],
    [['topic', 'describe', 'none'], 'UNKNOWN_TOPIC_OR_PARTITION'],
    [['offsets', 'none'], 'UNKNOWN_TOPIC_OR_PARTITION'],
    [['offsets', name, '-p', '9'], 'UNKNOWN_TOPIC_OR_PARTITION'],
  ] as const;
  for (const [args, error] of refusals) {
    const { code, stdout, stderr } = await log.run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^tailrace: ${error}: .+\n$`, 'u'));
  }
});

test('a long name is whole in a pipe and cut in a terminal, whose heading is bold', async () => {
  const long = `long-${'x'.repeat(200)}`;
  await log.done(['topic', 'create', long]);
  expect(await log.done(['topic', 'list'])).toContain(`${long}           1\n`);
  const env = { ...log.env, TERM: 'xterm-256color' };
  const { code, text } = await inTerminal(['topic', 'list'], { env });
  expect(code).toBe(0);
  const lines = text.trimEnd().split('\n');
  const heading = `TOPIC${' '.repeat(65)}PARTITIONS`;
  expect(lines[0]).toBe(`\u001b[1m${heading}\u001b[22m`);
  expect(lines).toContain(`long-${'x'.repeat(62)}…${' '.repeat(11)}1`);
  const plain = await inTerminal(['topic', 'list'], { env: { ...env, NO_COLOR: '1' } });
  expect(plain.text.split('\n')[0]).toBe(heading);
  await log.done(['topic', 'delete', long]);
});

test('all configs of a topic fit a terminal', async () => {
  const name = await log.topic();
  const { text } = await inTerminal(['topic', 'describe', name, '--all'], { env: log.env });
  expect(text).toContain('cleanup.policy');
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  const json = await log.done(['topic', 'describe', name, '--all', '--json']);
  expect((JSON.parse(json) as { configs: unknown[] }).configs.length).toBeGreaterThan(20);
});

test('offsets of all partitions, of one, and by time', async () => {
  const name = await log.topic(2);
  const records = [1_000, 2_000, 3_000].map(
    (timestamp) => `{"partition":1,"timestamp":${timestamp},"value":"v"}\n`,
  );
  await log.done(['produce', name, '--json'], records.join(''));
  expect(await log.done(['offsets', name])).toBe(
    'PARTITION  BEGINNING  END  RECORDS\n' +
      '        0          0    0        0\n' +
      '        1          0    3        3\n',
  );
  expect(JSON.parse(await log.done(['offsets', name, '-p', '1', '--json']))).toEqual([
    { topic: name, partition: 1, beginning: 0, end: 3 },
  ]);
  expect(await log.done(['offsets', name, '--at', '1970-01-01T00:00:01.5Z'])).toBe(
    'PARTITION  OFFSET  TIMESTAMP\n' +
      '        0      -1  -\n' +
      '        1       1  1970-01-01T00:00:02.000Z\n',
  );
  const at = ['offsets', name, '-p', '1', '--json', '--at'];
  expect(JSON.parse(await log.done([...at, 'max-timestamp']))).toEqual([
    { topic: name, partition: 1, offset: 2, timestamp: 3_000 },
  ]);
  expect(JSON.parse(await log.done([...at, '-1h']))).toEqual([
    { topic: name, partition: 1, offset: -1, timestamp: -1 },
  ]);
});

test('health', async () => {
  expect(await log.done(['health'])).toMatch(
    new RegExp(`^ok: log=${log.url} cluster_id=[\\w-]+\n$`, 'u'),
  );
  expect(JSON.parse(await log.done(['health', '--json']))).toMatchObject({
    status: 'ok',
    log: log.url,
  });
});
