import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../../house/run.ts';
import { emulatorCache, installOnce, installStep } from '../install-once.ts';
import { answers, startKept } from '../kept.ts';
import type { Kept } from '../kept.ts';
import { installPython } from '../python.ts';

const here = import.meta.dirname;

/** LocalStack without Docker: S3 and DynamoDB, but no functions. Rejects if it cannot run here. */
export async function startLocalStack(): Promise<Kept> {
  const java = await findJava();
  const python = await installPython({
    name: 'localstack',
    requirements: join(here, 'requirements.txt'),
    minor: 13,
  });
  const jars = await installDynamoDbLocal();
  return startKept({
    name: 'localstack',
    prepare: (folder) => putInPlace(folder, java, jars),
    command: () => [python, '-m', 'localstack.runtime.main'],
    env: (folder, port) => ({
      PATH: process.env['PATH'],
      HOME: folder,
      FILESYSTEM_ROOT: folder,
      GATEWAY_LISTEN: `[::ffff:127.0.0.1]:${port}`,
      OVERRIDE_IN_DOCKER: '0',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
      DNS_ADDRESS: '0',
    }),
    isReady: (url) => answers(`${url}/_localstack/health`),
  });
}

/** Its path: LocalStack puts a folder of its own first in PATH. */
async function findJava(): Promise<string> {
  const args = ['-XshowSettings:properties', '-version'];
  const ended = await run('java', args, { cwd: here }).catch(() => undefined);
  const home = /java\.home = (.+)/.exec(ended?.output ?? '')?.[1];
  const version = Number(/java\.specification\.version = (\d+)/.exec(ended?.output ?? '')?.[1]);
  if (home !== undefined && version >= 17) return join(home, 'bin/java');
  throw new Error(
    `expected a JDK of Java 17 or newer for DynamoDB Local: install one, or start LocalStack in Docker and set AWS_ENDPOINT_URL (docs/testing.md) found=${version || 'none'}`,
  );
}

async function installDynamoDbLocal(): Promise<string> {
  const home = await installOnce(emulatorCache, {
    name: 'dynamodb-local-3.1.0',
    proof: 'DynamoDBLocal-3.1.0.jar',
    install: (folder) =>
      installStep({
        what: 'DynamoDB Local from Maven Central',
        command: [
          ...(['mvn', '--batch-mode', '--quiet', '--file', join(here, 'pom.xml')] as const),
          'dependency:copy-dependencies',
          `-DoutputDirectory=${folder}`,
          '-DincludeScope=runtime',
        ],
        advice: 'install Maven and make its repository reachable, then run again',
      }),
  });
  return home;
}

/**
 * LocalStack would download both a Java and a DynamoDB Local. It finds them there: the Java is a
 * script that runs DynamoDB Local, on 127.0.0.1, whatever file it is told to run.
 */
async function putInPlace(folder: string, java: string, jars: string): Promise<void> {
  const libraries = join(folder, 'var/lib/localstack/lib');
  const program = join(libraries, 'java/21/bin/java');
  const marker = join(libraries, 'dynamodb-local/2/DynamoDBLocal.jar');
  await mkdir(resolve(program, '..'), { recursive: true });
  await mkdir(resolve(marker, '..'), { recursive: true });
  const main = join(here, 'Loopback.java');
  const script = `#!/bin/sh
while [ "$1" != -jar ]; do shift; done
shift 2
exec '${java}' -Xmx512m '-Djava.library.path=${jars}' -cp '${jars}/*' '${main}' "$@"
`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  await writeFile(marker, '');
}
