import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { run } from '../house/run.ts';
import { Log } from './log.ts';
import { bin } from './tailrace.ts';

const log = new Log();
const directory = temporaryDirectory();
let env: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  await log.done(['topic', 'create', 'rhine', '-P', '3']);
  await log.done(['topic', 'create', 'rhone']);
  await log.done(['topic', 'create', 'elbe']);
  // The command as it is installed: by its name on the path.
  const command = join(directory, 'tailrace');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`);
  chmodSync(command, 0o755);
  env = { ...process.env, ...log.env, PATH: `${directory}:${process.env['PATH']}` };
});
afterAll(() => remove(directory));

/** What may stand for the last word, with the kind it is of. */
async function candidates(...words: readonly string[]): Promise<string[]> {
  const lines = (await log.done(['__complete', '--', ...words])).trimEnd().split('\n');
  return lines.map((line) => line.split('\t')[0] ?? '');
}

describe('what may follow', () => {
  test.each([
    [['to'], ['words', 'topic']],
    [
      ['topic', ''],
      ['words', 'create', 'list', 'describe', 'alter', 'delete', 'help'],
    ],
    [
      ['topic', 'de'],
      ['words', 'describe', 'delete'],
    ],
    [
      ['consume', 'r'],
      ['words', 'rhine', 'rhone'],
    ],
    [
      ['topic', 'describe', '--json', 'rhi'],
      ['words', 'rhine'],
    ],
    [['topic', 'create', ''], ['words']],
    [
      ['consume', '--la'],
      ['words', '--last'],
    ],
    [
      ['consume', 'rhine', ''],
      ['words', '--from', '--last', '--partition'],
    ],
    [
      ['produce', 'rhine', '-z', ''],
      ['words', 'none', 'gzip', 'snappy', 'lz4', 'zstd'],
    ],
    [
      ['produce', 'rhine', '--compression', '=', 'z'],
      ['words', 'zstd'],
    ],
    [
      ['produce', '-z', 'zstd', 'rho'],
      ['words', 'rhone'],
    ],
    [
      ['consume', 'rhine', '--from', ''],
      ['words', 'beginning', 'end'],
    ],
    [['consume', 'rhine', '--count', ''], ['words']],
    [['produce', 'rhine', '--file', ''], ['files']],
    [['serve', '--data', ''], ['directories']],
    [
      ['completion', ''],
      ['words', 'bash', 'zsh', 'fish'],
    ],
    [
      ['help', 'o'],
      ['words', 'offsets'],
    ],
    [
      ['nonsense', ''],
      ['words', 'serve', 'topic', 'produce'],
    ],
  ])('%s', async (words, expected) => {
    const found = await candidates(...words);
    expect(found.slice(0, expected.length)).toEqual(expected);
    if (!expected.includes('--from') && !expected.includes('serve')) {
      expect(found).toHaveLength(expected.length);
    }
  });

  test('no topic of a log that does not answer', async () => {
    expect(await candidates('offsets', '--server', 'http://127.0.0.1:1', '')).toEqual(['words']);
  });
});

/** bash is everywhere; the others are asked where they are. */
const shells = ['bash', 'zsh', 'fish'].filter(
  (shell) => spawnSync(shell, ['-c', 'true']).error === undefined,
);

test('bash is here', () => {
  expect(shells).toContain('bash');
});

test.each(shells)('the script for %s is one', async (shell) => {
  const script = await log.done(['completion', shell]);
  const path = join(directory, `script.${shell}`);
  writeFileSync(path, script);
  expect(execFileSync(shell, ['-n', path]).toString()).toBe('');
});

describe('in bash', () => {
  /** What stands behind the prompt after TAB, with the shell as a person has it. */
  async function typed(text: string): Promise<string> {
    const script = [
      `source <(tailrace completion bash)`,
      `complete_line() {`,
      `  COMP_LINE=$1 COMP_POINT=\${#1}`,
      `  read -ra COMP_WORDS <<< "$1"; [[ $1 == *' ' ]] && COMP_WORDS+=('')`,
      `  COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))`,
      `  _tailrace "\${COMP_WORDS[0]}" "\${COMP_WORDS[COMP_CWORD]}" ''`,
      `  printf '%s\\n' "\${COMPREPLY[@]}"`,
      `}`,
      `complete_line "$1"`,
    ].join('\n');
    const { code, output } = await run('bash', ['-c', script, 'bash', text], {
      cwd: directory,
      env,
    });
    expect(code).toBe(0);
    return output.trimEnd();
  }

  test.each([
    ['tailrace pro', 'produce'],
    ['tailrace topic al', 'alter'],
    ['tailrace consume r', 'rhine\nrhone'],
    ['tailrace produce elbe --compression ', 'none\ngzip\nsnappy\nlz4\nzstd'],
    ['tailrace produce elbe --file tail', 'tailrace'],
    ['tailrace consume elbe --count ', ''],
  ])('%s', async (text, expected) => {
    expect(await typed(text)).toBe(expected);
  });

  // `script` has other options elsewhere.
  test.runIf(process.platform === 'linux')('at the prompt, by TAB', async () => {
    const shell = spawn(
      'script',
      ['-qec', `PS1='ready> ' exec bash --norc --noprofile -i`, '/dev/null'],
      {
        cwd: directory,
        env: { ...env, TERM: 'dumb' },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const steps = [
      ['ready> ', 'source <(tailrace completion bash); echo sour""ced\n'],
      ['sourced', 'tailrace topic descr\trhi\t--js\t\n'],
      ['"partitions": 3', 'exit\n'],
    ];
    let screen = '';
    shell.stdout.on('data', (chunk: Buffer) => {
      screen += chunk.toString();
      const [seen, keys] = steps[0] ?? [];
      if (seen === undefined || !screen.includes(seen)) return;
      steps.shift();
      shell.stdin.write(keys ?? '');
    });
    await new Promise((resolve) => shell.on('close', resolve));
    expect(screen).toContain('tailrace topic describe rhine --json');
    expect(steps).toEqual([]);
  });
});
