import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { limits } from '../../lib/std/limits.ts';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { Log } from './log.ts';
import { Piped } from './tailrace.ts';

const log = new Log();
const directory = temporaryDirectory();
afterAll(() => remove(directory));

const produced = (records: number, bytes: number) =>
  `acknowledged ${records} record${records === 1 ? '' : 's'}, ${bytes} byte${bytes === 1 ? '' : 's'}\n`;

/** Everything in a topic, as `format` has it. */
const all = (topic: string, format: string): Promise<string> =>
  log.done(['consume', topic, '--until-end', '-f', format]);

describe('lines', () => {
  test('are values', async () => {
    const topic = await log.topic();
    const { code, stdout, stderr } = await log.run(['produce', topic], 'a\n\nb c\nend');
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: produced(4, 7) });
    expect(await all(topic, '%o %K %s|')).toBe('0 -1 a|1 -1 |2 -1 b c|3 -1 end|');
  });

  test('have keys, headers and a partition', async () => {
    const topic = await log.topic(4);
    const options = ['-K', ':', '-H', 'unit=cm', '-H', 'unit=m', '-H', 'none=', '-p', '3'];
    await log.done(['produce', topic, ...options], 'rhine:412\nelbe:180:x\nnone\n');
    expect(await all(topic, '%p %o %k (%K) %s %h\n')).toBe(
      '3 0 rhine (5) 412 unit=cm,unit=m,none=\n' +
        '3 1 elbe (4) 180:x unit=cm,unit=m,none=\n' +
        '3 2  (-1) none unit=cm,unit=m,none=\n',
    );
  });

  test('go to the partition of their key, as in Kafka', async () => {
    const topic = await log.topic(3);
    await log.done(['produce', topic, '--key', 'rhine'], '1\n2\n');
    expect(await all(topic, '%p %k %s|')).toBe('2 rhine 1|2 rhine 2|');
  });

  test('are tombstones where they read so', async () => {
    const topic = await log.topic();
    await log.done(['produce', topic, '-K', ':', '--null', ''], 'a:1\na:\n');
    expect(await all(topic, '%k %S|')).toBe('a 1|a -1|');
    const written = ['consume', topic, '-e', '-K', '=', '--null', 'NULL'];
    expect(await log.done(written)).toBe('a=1\na=NULL\n');
  });

  test('are the bytes that they are', async () => {
    const topic = await log.topic();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at).filter((at) => at !== 10));
    await log.done(['produce', topic], Buffer.concat([bytes, Buffer.from('\n'), bytes]));
    const read = new Piped(['consume', topic, '-e'], log.env);
    expect((await read.ended).code).toBe(0);
    expect(read.bytes).toEqual(Buffer.concat([bytes, Buffer.from('\n'), bytes, Buffer.from('\n')]));
  });

  test('that are not there are no failure', async () => {
    const topic = await log.topic();
    expect(await log.run(['produce', topic])).toMatchObject({ code: 0, stderr: produced(0, 0) });
    expect(await log.run(['produce', topic, '--json'], '\n \n')).toMatchObject({
      code: 0,
      stderr: produced(0, 0),
    });
  });

  test('of a file, and none of those to skip', async () => {
    const topic = await log.topic();
    const path = join(directory, 'lines');
    writeFileSync(path, 'a\nb\nc\n');
    const { code, stderr } = await log.run(['produce', topic, '-l', path, '--skip-lines', '1']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: produced(2, 2) });
    expect(await all(topic, '%s')).toBe('bc');
  });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('compressed by %s', async (codec) => {
    const topic = await log.topic();
    const lines = Array.from({ length: 1_000 }, (_, at) => `line ${at}\n`).join('');
    await log.done(['produce', topic, '-z', codec], lines);
    expect(await log.done(['consume', topic, '-e'])).toBe(lines);
  });
});

describe('JSON', () => {
  test('comes back as it was, from one topic to another', async () => {
    const [from, to] = [await log.topic(3), await log.topic(3)];
    const objects = [
      '{"partition":2,"timestamp":1700000000000,"key":"k","value":"höhe\\n\\"412\\"","headers":{"a":"1","b":null}}',
      '{"partition":0,"timestamp":1,"key":{"__base64":"/wA="},"value":null}',
      '{"partition":1,"timestamp":"1970-01-01T00:00:02Z","value":{"level":412.5}}',
    ];
    await log.done(['produce', from, '--json'], objects.join('\n'));
    const written = await log.done(['consume', from, '-e', '--json']);
    await log.done(['produce', to, '--json'], written);
    const again = await log.done(['consume', to, '-e', '--json']);
    expect(again).toBe(written.replaceAll(from, to));
    const read = again
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const at = { topic: to, offset: 0 };
    const headers = [
      { name: 'a', value: '1' },
      { name: 'b', value: null },
    ];
    expect(read).toHaveLength(3);
    expect(read).toEqual(
      expect.arrayContaining([
        {
          ...at,
          partition: 2,
          timestamp: 1_700_000_000_000,
          key: 'k',
          value: 'höhe\n"412"',
          headers,
        },
        {
          ...at,
          partition: 0,
          timestamp: 1,
          key: { __base64: '/wA=' },
          value: null,
          headers: [],
        },
        {
          ...at,
          partition: 1,
          timestamp: 2_000,
          key: null,
          value: '{"level":412.5}',
          headers: [],
        },
      ]),
    );
  });

  test('may name its topics', async () => {
    const [one, two] = [await log.topic(), await log.topic()];
    const lines = [one, two, one].map((topic, at) => `{"topic":"${topic}","value":${at}}\n`);
    await log.done(['produce', '--json'], lines.join(''));
    expect([await all(one, '%s'), await all(two, '%s')]).toEqual(['02', '1']);
  });

  test('that is none ends the input, and one can go on behind it', async () => {
    const topic = await log.topic();
    const good = '{"value":1}\n';
    const broken = await log.run(['produce', topic, '--json'], `${good}${good}{"value":\n${good}`);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(
      /^tailrace: the input ended early: expected JSON, .* line=3\nacknowledged 2 records, 2 bytes\nlines 1 to 2 are acknowledged; to go on: --skip-lines 2\n$/u,
    );
    const rest = ['produce', topic, '--json', '--skip-lines', '2'];
    await log.done(rest, `${good}${good}{"value":3}\n${good}`);
    expect(await all(topic, '%s')).toBe('1131');
  });
});

describe('what cannot be produced', () => {
  test('a topic that is not there: no line is read', async () => {
    const { code, stdout, stderr } = await log.run(['produce', 'none'], 'a\n');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^tailrace: UNKNOWN_TOPIC_OR_PARTITION: .*topic create.*\n$/u);
  });

  test('a record larger than the topic takes', async () => {
    const topic = await log.topic();
    const large = 'x'.repeat(limits.batchBytesDefault);
    const { code, stderr } = await log.run(['produce', topic], `a\n${large}\n`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tailrace: line 2 failed: MESSAGE_TOO_LARGE: .*\n/u);
    expect(stderr).toContain(
      'acknowledged 1 record, 1 byte; failed 1\nline 1 is acknowledged; to go on: --skip-lines 1\n',
    );
    expect(await all(topic, '%s|')).toBe('a|');
  });

  test('a line longer than any record', async () => {
    const topic = await log.topic();
    const { code, stderr } = await log.run(['produce', topic], `a\n${'x'.repeat(9_000_000)}\n`);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'the input ended early: expected lines of at most 8388608 bytes, got a longer one line=2\n',
    );
    expect(await all(topic, '%s|')).toBe('a|');
  });

  test('a partition that is not there', async () => {
    const topic = await log.topic(2);
    const { code, stderr } = await log.run(['produce', topic, '-p', '2'], 'a\nb\n');
    expect(code).toBe(1);
    expect(stderr).toContain('line 1 failed: ');
    expect(stderr).toContain('no line is acknowledged; to go on: --skip-lines 0\n');
  });

  test('a file that is none', async () => {
    const topic = await log.topic();
    mkdirSync(join(directory, 'folder'));
    for (const [path, reason] of [
      ['none', 'there is none'],
      ['folder', 'it is a directory'],
    ] as const) {
      const { code, stderr } = await log.run(['produce', topic, '-l', join(directory, path)]);
      expect(code).toBe(1);
      expect(stderr).toContain(`tailrace: cannot read the input: expected a file, but ${reason}`);
    }
  });
});
