import { expect, test } from 'vitest';
import { tailrace } from './tailrace.ts';

test.each([
  [['srve'], "unknown command 'srve'", '(Did you mean serve?)'],
  [['nonsense'], "unknown command 'nonsense'", 'usage: tailrace [options] [command]'],
  [['--nonsense'], "unknown option '--nonsense'", 'usage: tailrace [options] [command]'],
  [['topic', 'make'], "unknown command 'make'", "see 'tailrace topic --help'"],
  [['serve', '--prot', '1'], "unknown option '--prot'", '(Did you mean --port?)'],
  [['serve', 'extra'], 'too many arguments', 'usage: tailrace serve [options]'],
  [['serve', '--port'], "'--port <number>' argument missing", "see 'tailrace serve --help'"],
  [['serve', '--port', 'http'], "'http' is invalid", 'expected a number of 0 … 65535.'],
  [['serve', '--port', '65536'], "'65536' is invalid", 'expected a number of 0 … 65535.'],
  [['serve', '--port', '-1'], "'-1' is invalid", 'expected a number of 0 … 65535.'],
  [['serve', '--port', '1e3'], "'1e3' is invalid", 'expected a number of 0 … 65535.'],
  [['serve', '--data', ''], "'' is invalid", 'expected at least one character.'],
  [['serve', '--host', ''], "'' is invalid", 'expected at least one character.'],
  [['topic', 'create'], "missing required argument 'name'", "see 'tailrace topic create --help'"],
  [['topic', 'create', 'a', '-P', '0'], "'0' is invalid", 'expected a number of 1 … 1000.'],
  [['topic', 'create', 'a', '--config', 'x'], "'x' is invalid", 'expected name=value.'],
  [['topic', 'create', 'a', '--config', '=x'], "'=x' is invalid", 'expected name=value.'],
  [['topic', 'alter', 'a'], 'expected --partitions, --config or --delete-config', 'got none'],
  [['produce'], 'expected the name of a topic, got none', '--json'],
  [['produce', 'a', '-z', 'rar'], "'rar' is invalid", 'none, gzip, snappy, lz4, zstd'],
  [['produce', 'a', '-K', ':', '-k', 'x'], 'expected --key or --key-separator, got both', 'usage'],
  [['produce', 'a', '-J', '-K', ':'], 'expected lines of text with --key-separator', 'got --json'],
  [['produce', 'a', '-J', '--null', ''], 'expected lines of text with --null', 'got --json'],
  [['produce', 'a', '--timeout', '5'], "'5' is invalid", 'expected a time such as 30s'],
  [['produce', 'a', '--timeout', '0s'], "'0s' is invalid", 'expected a time such as 30s'],
  [['consume', 'a', '--from', 'then'], "'then' is invalid", 'expected beginning, end, an offset'],
  [['consume', 'a', '-f', '%y'], "'%y' is invalid", 'expected %s %S %k'],
  [['consume', 'a', '--last', '5', '--from', 'end'], "'--last <number>' cannot", "'-o, --from"],
  [['consume', 'a', '--json', '-f', '%s'], "'-J, --json' cannot", "'-f, --format <text>'"],
  [['consume', 'a', '-e', '--follow'], "'--follow' cannot", "'-e, --until-end'"],
  [['offsets', 'a', '--at', '5'], "'5' is invalid", 'expected beginning, end, max-timestamp'],
  [['completion', 'tcsh'], "'tcsh' is invalid", 'bash, zsh, fish'],
  [['health', '--data', 'a', '--stack', 'b'], 'expected one log, got --data, --stack', 'usage'],
  [['health', '--server', 'http://a', '--data', 'b'], 'got --server, --data', 'usage'],
  [['health', '--table', 'a'], 'expected --table and --bucket together', 'usage'],
  [['health', '--server', 'localhost:8082'], 'did you mean http://localhost:8082?', 'usage'],
  [['health', '--server', 'ftp://a'], "expected an http or https URL as server, got 'ftp://a'", ''],
  [['topic', 'list', '--data', '/none'], "there is none in '/none'", "'tailrace topic create'"],
])('%s says what was expected', async (args, came, expected) => {
  const { code, stdout, stderr } = await tailrace(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(came);
  expect(stderr).toContain(expected);
  expect(stderr).not.toMatch(/^\s+at /mu);
});

test('the environment may name the server, and the command line goes before it', async () => {
  const env = { TAILRACE_SERVER: 'nonsense' };
  expect(await tailrace(['health'], '', env)).toMatchObject({ code: 2 });
  const other = await tailrace(['topic', 'list', '--data', '/none'], '', env);
  expect(other.stderr).toContain("there is none in '/none'");
});

test.each([[['health']], [['topic', 'list']], [['consume', 'a']], [['produce', 'a']]])(
  'a server that is down: %s says how to start one',
  async (args) => {
    const env = { TAILRACE_SERVER: 'http://127.0.0.1:1' };
    const { code, stdout, stderr } = await tailrace(args, '', env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^tailrace: NETWORK_EXCEPTION: .*127\.0\.0\.1:1.*\n$/u);
    expect(stderr).toContain("start a server by 'tailrace serve'");
  },
);

test.each([
  [['--table', 't', '--bucket', 'b'], {}, 'Region is missing; set AWS_REGION'],
  [['--stack', 's'], {}, 'Region is missing; set AWS_REGION'],
  [
    ['--table', 't', '--bucket', 'b'],
    { AWS_REGION: 'x-y-1' },
    'set AWS_PROFILE, or AWS_ACCESS_KEY_ID',
  ],
  [['--stack', 's'], { AWS_REGION: 'x-y-1' }, 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID'],
])('%s says what AWS lacks, given %o', async (target, given, expected) => {
  const nothing = {
    AWS_REGION: undefined,
    AWS_PROFILE: undefined,
    AWS_ACCESS_KEY_ID: undefined,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const { code, stdout, stderr } = await tailrace(['topic', 'list', ...target], '', {
    ...nothing,
    ...given,
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(expected);
  expect(stderr.split('\n')).toHaveLength(2);
});

test('the version', async () => {
  const { code, stdout } = await tailrace(['--version']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^tailrace \d+\.\d+\.\d+ \(node v\d+\.\d+\.\d+\)\n$/u);
});
