import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Seeded } from '../local/random.ts';
import { blackBox } from '../sim/checker/history.ts';
import type { History } from '../sim/checker/history.ts';
import { Deployment } from './deployment.ts';
import { createTopic } from './door.ts';
import { storm } from './faults.ts';
import { Gateway } from './gateway.ts';
import { finish, idempotentProducer, keyedProducer, plainProducer } from './producers.ts';
import type { Client } from './producers.ts';
import { readAll, reader } from './readers.ts';
import { Recorder } from './recorder.ts';
import type { FunctionService } from './service.ts';

export interface Report {
  readonly history: History;
  readonly counts: Readonly<Record<string, number>>;
  /** What functions printed of errors. */
  readonly errors: readonly string[];
}

const topic = 'weather';
const partitions = 2;
/** Five seconds of it are kept for calls of the store to end. */
const timeoutMs = 8_000;
/** Longer than the timeout of the function, and any of what it calls. */
const longHoldMs = 9_000;
const concurrency = 4;

/** Two clients of each. */
const kinds = [plainProducer, idempotentProducer, keyedProducer, reader];

/** Some clients, some functions on one table, and a storm for so long. Then all of it is read. */
export async function weather(seed: number, seconds: number): Promise<Report> {
  const deployment = await Deployment.open();
  try {
    const random = new Seeded(seed);
    const pick = (of: number) => random.int(0, of - 1);
    const functions = await deploy(deployment, pick);
    return await run(functions, random, seconds);
  } finally {
    await deployment.close();
  }
}

interface Functions {
  /** What the storm meets, and the API of that. */
  readonly services: readonly FunctionService[];
  readonly maintain: FunctionService;
  readonly gateway: Gateway;
  /** To functions that met no storm. */
  readonly calmGateway: Gateway;
}

/** Warm: that calls wait for cold starts is known, and would leave little time for the rest. */
async function deploy(deployment: Deployment, pick: (count: number) => number): Promise<Functions> {
  const scale = { sandboxesMax: 4, pick };
  const produce = await deployment.add('produce', { timeoutMs }, scale);
  const fewer = { ...scale, sandboxesMax: 2 };
  const shared = await deployment.add('produce', { timeoutMs, concurrency }, fewer);
  const fetch = await deployment.add('fetch', { timeoutMs }, scale);
  const maintain = await deployment.add('maintain');
  for (const service of [produce, produce, produce, shared, shared, fetch, fetch, maintain]) {
    await service.start();
  }
  const admin = [await deployment.add('admin')];
  const untouched = {
    produce: [await deployment.add('produce')],
    fetch: [await deployment.add('fetch')],
  };
  return {
    services: [produce, shared, fetch, maintain],
    maintain,
    gateway: new Gateway({ produce: [produce, shared], fetch: [fetch], admin }, pick),
    calmGateway: new Gateway({ ...untouched, admin }),
  };
}

async function run(
  { services, maintain, gateway, calmGateway }: Functions,
  random: Seeded,
  seconds: number,
): Promise<Report> {
  const counts: Record<string, number> = {};
  const count = (what: string, by = 1): void => void (counts[what] = (counts[what] ?? 0) + by);
  let ended = 0;
  const calls = () => ended;
  gateway.onEnded = ({ outcome }) => {
    ended += 1;
    count(`calls ${outcome}`);
  };
  await createTopic(calmGateway, topic, partitions);
  const recorder = new Recorder();
  const endsAt = performance.now() + seconds * 1_000;
  const isOver = () => performance.now() > endsAt;
  const known = { gateway, recorder, topic, partitions, isOver, count };
  const client = (name: string): Client => ({ ...known, name, random: random.fork() });
  const clients = kinds.flatMap((kind) =>
    [1, 2].map((number) => kind(client(`${kind.name}${number}`))),
  );
  await Promise.all([
    ...clients,
    schedule(maintain, isOver),
    storm({ services, random: random.fork(), endsAt, longMs: longHoldMs, calls, count }),
  ]);
  await calm(services);

  await finish({ ...client('last'), gateway: calmGateway });
  await readEnd(gateway, 'who was in the storm', recorder);
  await readEnd(calmGateway, 'who was not', recorder);
  for (const { sandboxes } of services) {
    count('sandboxes', sandboxes.length);
    for (const { lateAnswers } of sandboxes) count('late answers', lateAnswers);
  }
  const history = { ...blackBox(recorder), wrong: recorder.wrong };
  const errors = services.flatMap(({ sandboxes }) => sandboxes.flatMap((each) => each.errors));
  return { history, counts: { ...counts, ...countsOf(history) }, errors };
}

async function readEnd(gateway: Gateway, name: string, recorder: Recorder): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1) {
    await readAll({ name, gateway, recorder }, { topic, partition });
  }
}

/** As a schedule calls a function: asynchronously, again if that fails, twice at most. */
async function schedule(maintain: FunctionService, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const id = randomUUID();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { outcome } = await maintain.invoke({ 'detail-type': 'Scheduled Event' }, id);
      if (outcome === 'answered') break;
    }
    await sleep(2_000);
  }
}

/** Resolves when nothing goes on in any sandbox: what was thawed late has come to its end. */
async function calm(services: readonly FunctionService[]): Promise<void> {
  const until = performance.now() + 30_000;
  const loud = () => services.flatMap(({ sandboxes }) => sandboxes.filter((each) => !each.isQuiet));
  while (loud().length > 0) {
    if (performance.now() > until) throw new Error(`not quiet: ${loud()[0]?.output.join('\n')}`);
    await sleep(50);
  }
}

function countsOf({ sends, polls, listings, finals }: History): Record<string, number> {
  const stored = new Set(finals.flatMap(({ records }) => records.map(({ value }) => value)));
  const bestOf = new Map<string, string>();
  for (const { value, outcome } of sends) {
    const best = bestOf.get(value);
    if (best !== 'ok' && (outcome === 'ok' || best !== 'unknown')) bestOf.set(value, outcome);
  }
  const told = (outcome: string) =>
    [...bestOf].filter(([, best]) => best === outcome).map(([value]) => value);
  const unknown = told('unknown');
  return {
    'records sent': bestOf.size,
    'records acknowledged': told('ok').length,
    'records failed': told('failed').length,
    'records unknown': unknown.length,
    'unknown, and in the log': unknown.filter((value) => stored.has(value)).length,
    'records in the log': stored.size,
    attempts: sends.length,
    'attempts unknown': sends.filter(({ outcome }) => outcome === 'unknown').length,
    polls: polls.length,
    listings: listings.length,
  };
}
