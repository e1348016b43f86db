import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { installOnce } from '../../test/aws/install-once.ts';
import { freePort, startKept } from '../../test/aws/kept.ts';
import type { Kept } from '../../test/aws/kept.ts';
import { run } from '../../test/house/run.ts';

const here = import.meta.dirname;
const cache = resolve(here, '../../.cache/kafka');
export const kafkaVersion = '4.1.2';
const leastJava = 17;

/** One node, controller and broker in one, in a folder of its own. Rejects with why there is none. */
export async function startKafka(): Promise<Kept> {
  await checkJava();
  const jars = await installKafka();
  const controller = `127.0.0.1:${await freePort()}`;
  const java = ['java', '-Xms1G', '-Xmx1G', '-cp', join(jars, '*')] as const;
  return startKept({
    name: 'kafka',
    prepare: async (folder) => {
      const properties = join(folder, 'server.properties');
      await writeFile(properties, settings(folder, controller));
      const [program, ...args] = java;
      const tool = ['kafka.tools.StorageTool', 'format', '--standalone'];
      const named = ['--cluster-id', 'dGFpbHJhY2UtYmVuY2gtMQ', '--config', properties];
      const ended = await run(program, [...args, ...tool, ...named], { cwd: folder });
      if (ended.code !== 0) throw new Error(`its folder was not formatted: ${ended.output}`);
    },
    command: (folder, port) => {
      const listeners = `listeners=BROKER://127.0.0.1:${port},CONTROLLER://${controller}`;
      const server = ['kafka.Kafka', join(folder, 'server.properties')];
      return [...java, ...server, '--override', listeners];
    },
    env: () => process.env,
    isReady: accepts,
  });
}

/** What Kafka's own example says, on the loopback, for one node. */
const settings = (folder: string, controller: string): string => `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=${controller}
listeners=BROKER://127.0.0.1:0,CONTROLLER://${controller}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKER
log.dirs=${join(folder, 'data')}
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`;

async function checkJava(): Promise<void> {
  const args = ['-XshowSettings:properties', '-version'];
  const ended = await run('java', args, { cwd: here }).catch(() => undefined);
  const version = Number(/java\.specification\.version = (\d+)/.exec(ended?.output ?? '')?.[1]);
  if (version >= leastJava) return;
  throw new Error(`expected Java ${leastJava} or newer found=${version || 'none'}`);
}

/** 43 MB from Maven Central, once. */
async function installKafka(): Promise<string> {
  return installOnce(cache, {
    name: `kafka-${kafkaVersion}`,
    proof: `kafka_2.13-${kafkaVersion}.jar`,
    install: async (folder) => {
      const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
      const to = [`-DoutputDirectory=${folder}`, '-DincludeScope=runtime'];
      const quiet = ['--batch-mode', '--quiet', '--file', join(here, 'pom.xml')];
      const ended = await run('mvn', [...quiet, goal, ...to], { cwd: here }).catch(
        (error: Error) => ({ code: undefined, output: error.message }),
      );
      if (ended.code !== 0) {
        throw new Error(`expected Maven and its repository: ${ended.output.trim()}`);
      }
      await checkSums(folder, await readFile(join(here, 'kafka-jars.sha256'), 'utf8'));
    },
  });
}

/** Throws unless the folder has exactly the files of a list as `sha256sum` prints it. */
export async function checkSums(folder: string, list: string): Promise<void> {
  const expected = list.trim().split('\n').toSorted();
  const names = await readdir(folder);
  const found = await Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(folder, name));
      return `${createHash('sha256').update(content).digest('hex')}  ${name}`;
    }),
  );
  const differing = [...new Set(expected).symmetricDifference(new Set(found))];
  if (differing.length === 0) return;
  throw new Error(`expected the files that are listed, but these differ: ${differing.join(', ')}`);
}

/** True if somebody listens there: Kafka does when it is ready. */
async function accepts(url: string): Promise<boolean> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
