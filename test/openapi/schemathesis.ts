import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupBounds } from '../../lib/core/group/bounds.ts';
import { installPython } from '../aws/python.ts';
import { run } from '../house/run.ts';

/** Installed from PyPI, once: 90 MB in 15 s. */
const schemathesis = {
  name: 'schemathesis',
  requirements: join(import.meta.dirname, 'requirements.txt'),
  minor: 10,
  flags: ['--only-binary', ':all:', '--require-hashes'],
};

/**
 * Everything it can check, but that what fits a schema is taken (no schema can say that a topic exists
 * already, that two ids are equal, that a number of partitions would sink), and that what was deleted
 * is gone: a config is then there by its default.
 */
const excluded = 'positive_data_acceptance,use_after_free';
const checks = ['--checks', 'all', '--exclude-checks', excluded];

export interface Campaign {
  /** Of the API under test. */
  readonly url: string;
  /** A file to use instead of the document that the API serves. */
  readonly document?: string;
  /** How much, and of what: options of `schemathesis run`. */
  readonly options: readonly string[];
}

export interface Finding {
  readonly code: number | null;
  readonly output: string;
  /** One per request: `GET /topics/…`, and what came. */
  readonly exchanges: readonly { readonly line: string; readonly status: number }[];
}

/** The Python that has it. */
export const installSchemathesis = (): Promise<string> => installPython(schemathesis);

/** Draws requests from the description of an API, and holds the answers to it. */
export async function schemathesisRun({ url, document, options }: Campaign): Promise<Finding> {
  const python = await installSchemathesis();
  const folder = await mkdtemp(join(tmpdir(), 'tailrace-schemathesis-'));
  try {
    await writeFile(join(folder, 'schemathesis.toml'), await configuration(url));
    const target = document === undefined ? [`${url}/openapi.json`] : [document, '--url', url];
    const report = ['--report', 'har', '--report-har-path', 'exchanges.har'];
    const fixed = [
      '-m',
      'schemathesis.cli',
      'run',
      ...target,
      ...checks,
      '--continue-on-failure',
      ...report,
    ];
    // It keeps what it found in its folder, and colours what it says to a terminal.
    const env = { ...process.env, HOME: folder, NO_COLOR: '1' };
    const { code, output } = await run(python, [...fixed, ...options], { cwd: folder, env });
    const exchanges = await exchangesIn(join(folder, 'exchanges.har')).catch(() => []);
    return { code, output, exchanges };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const kept = ['kept-1', 'kept-2', 'kept.3'];
const doomed = ['doomed-1', 'doomed-2'];
/** One has a member that owns all of what is kept, one is joined by nobody, others are deleted. */
const keptGroup = 'kept-group';
const emptyGroup = 'empty-group';
const doomedGroups = ['doomed-group-1', 'doomed-group-2', 'doomed-group-3'];
const keptMember = 'kept-member';
/** Of consumer instances, and what is done to each of them: what one call ends no other needs. */
const instanceGroup = 'instance-group';
const instances = { subscribed: 'subscribes', assigned: 'is-assigned', polled: 'polls' };
const doomedInstances = ['doomed-instance-1', 'doomed-instance-2', 'doomed-instance-3'];

/**
 * Names of what is there, so that most requests reach it. Of topics and groups, only some are
 * deleted.
 */
async function configuration(url: string): Promise<string> {
  const health = (await (await fetch(`${url}/health`)).json()) as { cluster_id: string };
  const { cluster_id: cluster } = health;
  const post = async (path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  for (const name of [...kept, ...doomed]) {
    await post(`/v3/clusters/${cluster}/topics`, { topic_name: name, partitions_count: 2 });
  }
  const committed = [0, 1].map((partition) => {
    return { partition_index: partition, committed_offset: 0 };
  });
  const topics = kept.map((name) => ({ name, partitions: committed }));
  for (const group of [keptGroup, emptyGroup, ...doomedGroups]) {
    await post(`/groups/${group}/offsets`, { topics });
  }
  await post(`/groups/${keptGroup}/heartbeat`, {
    member_id: keptMember,
    member_epoch: 0,
    session_timeout_ms: groupBounds.sessionMsMax,
    subscribed_topic_names: kept,
  });
  for (const name of [...Object.values(instances), ...doomedInstances]) {
    const config = {
      name,
      format: 'json',
      // No poll waits, whatever its time.
      'fetch.min.bytes': 0,
      'consumer.instance.timeout.ms': groupBounds.sessionMsMax,
    };
    await post(`/consumers/${instanceGroup}`, config);
  }
  // The one that the description gives as an example.
  await post('/consumers/gauges', { name: 'gauge-1', 'fetch.min.bytes': 0 });
  const reads = kept.map((topic) => ({ topic, partition: 0 }));
  await post(`/consumers/${instanceGroup}/instances/${instances.polled}/assignments`, {
    partitions: reads,
  });
  return `generation.dictionaries.string = { dictionary = "words", probability = 0.3 }

[dictionaries]
clusters.values = ${JSON.stringify([cluster])}
kept.values = ${JSON.stringify(kept)}
doomed.values = ${JSON.stringify(doomed)}
partitions.values = [0, 1, 2]
brokers.values = [0]
groups.values = ${JSON.stringify([keptGroup])}
empty-groups.values = ${JSON.stringify([emptyGroup])}
doomed-groups.values = ${JSON.stringify(doomedGroups)}
instance-groups.values = ${JSON.stringify([instanceGroup])}
polled.values = ${JSON.stringify([instances.polled])}
subscribed.values = ${JSON.stringify([instances.subscribed])}
assigned.values = ${JSON.stringify([instances.assigned])}
doomed-instances.values = ${JSON.stringify(doomedInstances)}
consumers.values = ${JSON.stringify([keptMember])}
waits.values = [0, 1, 100]
words.values = ["retention.ms", "delete.retention.ms", "86400000", "1000"]
configs.values = ["retention.ms", "cleanup.policy", "max.message.bytes", "compression.type"]

[parameters]
"path.cluster" = { dictionary = "clusters", probability = 0.9 }
"path.topic" = { dictionary = "kept", probability = 0.8 }
"path.partition" = { dictionary = "partitions", probability = 0.8 }
"path.broker" = { dictionary = "brokers", probability = 0.7 }
"path.group" = { dictionary = "groups", probability = 0.9 }
"path.consumer" = { dictionary = "consumers", probability = 0.9 }
# A fetch waits as long as it is asked to, up to 20 s.
"query.timeout" = { dictionary = "waits" }
"path.name" = { dictionary = "configs", probability = 0.8 }

[[operations]]
include-operation-id = "deleteTopic"
parameters = { "path.topic" = { dictionary = "doomed", probability = 0.8 } }

[[operations]]
include-operation-id = ["getSubscription", "getAssignments", "seek", "seekToBeginning", "seekToEnd", "commitInstance", "getCommitted", "postCommitted"]
# Metadata that is too large is 413.
checks.negative_data_rejection.expected-statuses = ["4xx"]
parameters = { "path.group" = { dictionary = "instance-groups", probability = 0.8 }, "path.instance" = { dictionary = "polled", probability = 0.9 } }

# A poll waits as long as it is asked to, up to 20 s: at the edges of the schema it would do nothing else.
[[operations]]
include-operation-id = "pollRecords"
parameters = { "path.group" = { dictionary = "instance-groups", probability = 0.8 }, "path.instance" = { dictionary = "polled", probability = 0.9 } }
phases.coverage.enabled = false

[[operations]]
include-operation-id = ["subscribe", "unsubscribe"]
parameters = { "path.group" = ${JSON.stringify(instanceGroup)}, "path.instance" = ${JSON.stringify(instances.subscribed)} }

[[operations]]
include-operation-id = "assign"
parameters = { "path.group" = { dictionary = "instance-groups", probability = 0.8 }, "path.instance" = { dictionary = "assigned", probability = 0.9 } }

[[operations]]
include-operation-id = "deleteInstance"
parameters = { "path.group" = { dictionary = "instance-groups", probability = 0.8 }, "path.instance" = { dictionary = "doomed-instances", probability = 0.9 } }

# Few of the bodies that are drawn are taken; the example's is, where its path leads somewhere.
[[operations]]
include-operation-id = ["createTopic", "alterConfigs"]
parameters = { "path.cluster" = ${JSON.stringify(cluster)}, "path.topic" = ${JSON.stringify(kept[0])} }
generation.max-examples = 60

[[operations]]
include-operation-id = "resetOffsets"
parameters = { "path.group" = { dictionary = "empty-groups", probability = 0.9 } }

[[operations]]
include-operation-id = "deleteGroup"
parameters = { "path.group" = { dictionary = "doomed-groups", probability = 0.9 } }

# What is wrong with a record is told in its report.
[[operations]]
include-operation-id = ["produceStream", "produceBatchV3"]
checks.negative_data_rejection.expected-statuses = ["200", "207", "4xx"]
`;
}

interface Har {
  readonly log: {
    readonly entries: readonly {
      readonly request: { readonly method: string; readonly url: string };
      readonly response: { readonly status: number };
    }[];
  };
}

async function exchangesIn(file: string): Promise<Finding['exchanges']> {
  const { log } = JSON.parse(await readFile(file, 'utf8')) as Har;
  return log.entries.map(({ request, response }) => {
    const line = `${request.method} ${request.url.replace(/^\w+:\/\/[^/]*/, '')}`;
    return { line, status: response.status };
  });
}
