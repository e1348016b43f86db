import { describe, expect, test } from 'vitest';
import { Log } from './log.ts';
import { Piped } from './tailrace.ts';
import { inTerminal } from './terminal.ts';

const log = new Log();

/** A topic with ten numbers, by turns, and a group of its name that has read so many. */
async function read(count: number): Promise<string> {
  const topic = await log.topic(2);
  const records = Array.from(
    { length: 10 },
    (_, at) => `{"partition":${at % 2},"value":"${at}"}\n`,
  );
  await log.done(['produce', topic, '--json'], records.join(''));
  if (count > 0) await log.done(['consume', topic, '--group', topic, '-c', String(count)]);
  return topic;
}

interface Row {
  readonly partition: number;
  readonly committed?: number;
  readonly lag?: number;
}

async function lagOf(group: string): Promise<readonly Row[]> {
  const rows = JSON.parse(await log.done(['group', 'lag', group, '--json'])) as Row[];
  return rows.toSorted((a, b) => a.partition - b.partition);
}

const sum = (rows: readonly Row[]): number => rows.reduce((all, { lag = 0 }) => all + lag, 0);

describe('consume --group', () => {
  test('who comes next goes on behind what was written', async () => {
    const topic = await read(0);
    const first = await log.done(['consume', topic, '-G', topic, '-c', '3']);
    // The other partition may not have been looked at yet.
    const rows = (await lagOf(topic)).filter(({ committed = 0 }) => committed > 0);
    expect(rows).toMatchObject([{ committed: 3, lag: 2 }]);
    const second = await log.done(['consume', topic, '-G', topic, '-c', '7', '-f', '%s\\n']);
    const lines = [...first.trimEnd().split('\n'), ...second.trimEnd().split('\n')];
    expect(lines.toSorted()).toEqual(Array.from('0123456789'));
    expect(sum(await lagOf(topic))).toBe(0);
  });

  test.each([
    ['SIGINT', (topic: string) => [topic]],
    ['SIGTERM', (topic: string) => ['--pattern', `${topic}|nothing-.*`]],
  ] as const)('%s commits what was written, and leaves the group', async (signal, topics) => {
    const topic = await read(0);
    const args = ['consume', ...topics(topic), '--group', topic, '--instance-id', 'gauge-1'];
    const consumer = new Piped(args, log.env);
    while (consumer.stdout.length < 20) await log.done(['offsets', topic]);
    const [owner] = JSON.parse(await log.done(['group', 'lag', topic, '--json'])) as object[];
    expect(owner).toMatchObject({ member: 'gauge-1', client_id: 'tailrace consume' });
    consumer.child.kill(signal);
    const { code, stdout, stderr } = await consumer.ended;
    expect({ code, stderr, stdout: stdout.length }).toEqual({ code: 0, stderr: '', stdout: 20 });
    expect(await lagOf(topic)).toMatchObject([
      { committed: 5, lag: 0 },
      { committed: 5, lag: 0 },
    ]);
  });

  test('two share a topic, each in a process of its own', async () => {
    const topic = await log.topic(2);
    const both = [1, 2].map(() => new Piped(['consume', topic, '-G', topic, '-K', ':'], log.env));
    const describeGroup = async (): Promise<{ members: { assignment: unknown[] }[] }> => {
      const { stdout } = await log.run(['group', 'describe', topic, '--json']);
      return stdout === '' ? { members: [] } : (JSON.parse(stdout) as never);
    };
    for (;;) {
      const { members } = await describeGroup();
      if (members.map(({ assignment }) => assignment.length).join() === '1,1') break;
    }
    const records = Array.from(
      { length: 10 },
      (_, at) => `{"partition":${at % 2},"value":"${at}"}\n`,
    );
    await log.done(['produce', topic, '--json'], records.join(''));
    const written = (): string => both.map(({ stdout }) => stdout).join('');
    while (written().length < 30) await log.done(['offsets', topic]);
    expect(both.map(({ stdout }) => stdout.length)).toEqual([15, 15]);
    for (const { child } of both) child.kill('SIGINT');
    const ends = await Promise.all(both.map(({ ended }) => ended));
    expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    expect(written().split('\n').filter(Boolean).toSorted()).toEqual(
      Array.from('0123456789', (digit) => `:${digit}`),
    );
    const described = await log.done(['group', 'describe', topic]);
    expect(described).toMatch(
      /^group: {5}\S+\nstate: {5}empty\nepoch: {5}\d+\nassignor: {2}uniform\nmembers: {3}none\n$/u,
    );
  });
});

describe('group', () => {
  test('list, describe, lag and delete', async () => {
    const group = await read(10);
    expect(await log.done(['group', 'list'])).toMatch(
      new RegExp(`^GROUP +STATE +MEMBERS\\n(.*\\n)*${group} +empty +0\\n`, 'u'),
    );
    const listed = JSON.parse(await log.done(['group', 'list', '--json'])) as unknown[];
    expect(listed).toContainEqual({ group, state: 'empty', members: 0 });
    const lines = (await log.done(['group', 'lag', group])).trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ +/u))).toEqual([
      ['TOPIC', 'PARTITION', 'COMMITTED', 'END', 'LAG', 'MEMBER'],
      [group, '0', '5', '5', '0', '-'],
      [group, '1', '5', '5', '0', '-'],
    ]);
    expect(await log.done(['group', 'delete', group])).toBe(`deleted ${group}\n`);
    const gone = await log.run(['group', 'describe', group]);
    expect(gone).toMatchObject({ code: 1, stdout: '' });
    expect(gone.stderr).toMatch(/^tailrace: GROUP_ID_NOT_FOUND: .*tailrace group list.*\n$/u);
    expect(await log.done(['group', 'delete', group, '--if-exists'])).toBe(
      `there is no ${group}\n`,
    );
    const json = await log.done(['group', 'delete', group, '--if-exists', '--json']);
    expect(JSON.parse(json)).toEqual({ group, deleted: false });
  });

  test.each([
    [['--to-earliest'], [0, 0]],
    [
      ['--to-offset', '3'],
      [3, 3],
    ],
    [
      ['--to-offset', '99'],
      [5, 5],
    ],
    [
      ['--shift-by', '-2'],
      [3, 3],
    ],
    [
      ['--to-timestamp', '-1h'],
      [0, 0],
    ],
    [
      ['--to-timestamp', '2100-01-01'],
      [5, 5],
    ],
  ])('reset-offsets %s: shown, and done with --execute', async (target, expected) => {
    const group = await read(10);
    const reset = ['group', 'reset-offsets', group, '--topic', group, ...target];
    const plan = await log.run([...reset, '--json']);
    expect(plan).toMatchObject({ code: 0, stderr: 'nothing was changed; --execute does it\n' });
    const rows = [0, 1].map((partition) => {
      return { topic: group, partition, before: 5, after: expected[partition] };
    });
    expect(JSON.parse(plan.stdout)).toEqual(rows);
    expect((await lagOf(group)).map(({ committed }) => committed)).toEqual([5, 5]);
    const executed = await log.run([...reset, '--execute', '--json']);
    expect(executed).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(executed.stdout)).toEqual(rows);
    expect((await lagOf(group)).map(({ committed }) => committed)).toEqual(expected);
  });

  test('reset-offsets of some partitions, of all, and of what is not there', async () => {
    const group = await read(10);
    const reset = ['group', 'reset-offsets', group, '--to-earliest', '--execute'];
    expect(await log.done([...reset, '--topic', `${group}:1`])).toMatch(
      /^TOPIC +PARTITION {2}BEFORE {2}AFTER\n\S+ +1 +5 +0\n$/u,
    );
    expect((await lagOf(group)).map(({ committed }) => committed)).toEqual([5, 0]);
    await log.done([...reset, '--all-topics']);
    expect((await lagOf(group)).map(({ committed }) => committed)).toEqual([0, 0]);
    const wrong = await log.run([...reset, '--topic', `${group}:9`]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('UNKNOWN_TOPIC_OR_PARTITION');
  });

  test('with members it is not reset and not deleted', async () => {
    const topic = await read(0);
    const consumer = new Piped(['consume', topic, '-G', topic], log.env);
    while (consumer.stdout.length < 20) await log.done(['offsets', topic]);
    const args = ['group', 'reset-offsets', topic, '--all-topics', '--to-earliest', '--execute'];
    const reset = await log.run(args);
    expect(reset).toMatchObject({ code: 1, stdout: '' });
    expect(reset.stderr).toMatch(/^tailrace: NON_EMPTY_GROUP: .*stop its consumers.*\n$/u);
    const { stderr } = await log.run(['group', 'delete', topic]);
    expect(stderr).toContain('NON_EMPTY_GROUP');
    consumer.child.kill('SIGINT');
    await consumer.ended;
  });

  // `script` has other options elsewhere.
  test.runIf(process.platform === 'linux')('fits a terminal', async () => {
    const topic = await log.topic(20);
    const consumer = new Piped(['consume', topic, '-G', topic], log.env);
    const describeIt = ['group', 'describe', topic];
    while (!(await log.run(describeIt)).stdout.includes(' 19')) await log.done(['offsets', topic]);
    for (const command of ['describe', 'lag']) {
      const { code, text } = await inTerminal(['group', command, topic], { env: log.env });
      expect(code).toBe(0);
      expect(text).toContain('MEMBER');
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
    consumer.child.kill('SIGINT');
    await consumer.ended;
  });
});

test('^C on a terminal leaves the group', async () => {
  const topic = await read(0);
  let isTyped = false;
  const { code, text } = await inTerminal(['consume', topic, '-G', topic], {
    env: log.env,
    type: (screen) => {
      if (isTyped || screen.replaceAll(/\D/gu, '').length < 10) return undefined;
      isTyped = true;
      return '\u0003';
    },
  });
  expect(code).toBe(0);
  expect(text.replaceAll(/\D/gu, '')).toHaveLength(10);
  expect(sum(await lagOf(topic))).toBe(0);
  expect(JSON.parse(await log.done(['group', 'describe', topic, '--json']))).toMatchObject({
    members: [],
  });
});

test.each([
  [['consume'], "missing required argument 'topic'"],
  [['consume', 'a', '--pattern', 'b'], 'expected --group with --pattern and --instance-id'],
  [['consume', 'a', '-G', 'g', '--pattern', 'b'], 'expected a topic or --pattern, got both'],
  [['consume', 'a', '-G', 'g', '-o', '5'], 'expected beginning or end for --from with --group'],
  [['consume', 'a', '-G', 'g', '-e'], "'-e, --until-end'"],
  [['consume', 'a', '-G', 'g', '-p', '1'], "'-p, --partition <number>'"],
  [['group', 'reset-offsets', 'g', '--topic', 'a'], 'expected one of --to-earliest'],
  [['group', 'reset-offsets', 'g', '--to-latest'], 'expected --topic or --all-topics'],
  [['group', 'reset-offsets', 'g', '--topic', 'a:x', '--to-latest'], "'a:x' is invalid"],
  [['group', 'reset-offsets', 'g', '--shift-by', 'x'], 'expected a number, such as -10'],
  [['group', 'reset-offsets', 'g', '--to-offset', '-1'], 'expected an offset of'],
  [['group', 'reset-offsets', 'g', '--to-timestamp', '5'], 'expected a time such as -1h'],
  [['group', 'describe'], "missing required argument 'group'"],
])('%s says what was expected', async (args, expected) => {
  const { code, stdout, stderr } = await log.run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(expected);
});

test('names of groups are completed', async () => {
  const group = await read(1);
  const rest = group.slice(0, -1);
  for (const words of [
    ['group', 'describe', rest],
    ['consume', 'x', '--group', rest],
  ]) {
    const found = await log.done(['__complete', '--', ...words]);
    expect(found.split('\n')).toContain(`${group}\tempty`);
  }
  const topics = await log.done([
    '__complete',
    '--',
    'group',
    'reset-offsets',
    group,
    '--topic',
    rest,
  ]);
  expect(topics.split('\n')).toContain(`${group}\t2`);
});
