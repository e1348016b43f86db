import type {
  OffsetReset,
  PartitionOutcome,
  ResetTarget,
} from '../../../lib/broker/group-types.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import { nobody } from '../checker/group-history.ts';
import { anyLog, anyone, expected, giveUp, more, onlyLog, think } from './clients.ts';
import type { Work, Workload } from './clients.ts';
import { anyGroup } from './groups.ts';
import type { Answer, Running } from './world.ts';

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** Who has no members commits here; sometimes to a group that has. */
const alone = 'alone';
const someGroup = (work: Work): string => (work.world.random.chance(0.6) ? alone : anyGroup(work));

/** Asks some process, and notes when. */
async function ask<T>(
  work: Work,
  client: string,
  text: string,
  what: (running: Running) => Promise<T>,
): Promise<{ readonly answer: Answer<T>; readonly invoked: number; readonly completed: number }> {
  const { world } = work;
  const invoked = world.moment();
  const answer = await world.call(client, await anyone(work), text, giveUp(work), what);
  return { answer, invoked, completed: answer.kind === 'lost' ? Infinity : world.moment() };
}

/** Commits and reads offsets without membership. */
export const loner: Workload = async (work, client) => {
  while (more(work)) {
    const act = work.world.random.pick([commitAlone, fetchSome, fetchAll]);
    await act(work, client, someGroup(work));
    await think(work);
  }
};

async function commitAlone(work: Work, client: string, group: string): Promise<void> {
  const { random } = work.world;
  const at = anyLog(work);
  // Beyond the end, members would begin from the start again.
  const end = work.deleted.has(at.topic) ? 0 : endOf(work, at);
  const offset = BigInt(random.int(0, end));
  const text = `commit ${group} ${at.topic}/${at.partition}@${offset}`;
  const done = await ask(work, client, text, ({ broker }) =>
    broker.commitOffsets({ group, offsets: [{ ...at, offset }] }),
  );
  const { answer } = done;
  noteSet(
    work,
    client,
    group,
    at,
    { offset },
    { ...done, outcome: answer.kind === 'value' ? answer.value[0] : undefined },
  );
}

function endOf(work: Work, { topic, partition }: Place): number {
  const log = onlyLog(work, topic, partition);
  return log === undefined ? 0 : (work.world.journal.logs.get(log)?.records ?? 0);
}

async function fetchSome(work: Work, client: string, group: string): Promise<void> {
  const at = anyLog(work);
  const text = `offsets ${group} ${at.topic}/${at.partition}`;
  const { answer, ...when } = await ask(work, client, text, ({ broker }) =>
    broker.fetchOffsets({ group, partitions: [at] }),
  );
  if (answer.kind === 'error') expected(work, at.topic, `${client} ${text}`, answer.error);
  if (answer.kind !== 'value') return;
  const [told] = answer.value;
  if (told === undefined || told.error !== undefined) return;
  const log = onlyLog(work, at.topic, at.partition);
  const offset = told.committed?.offset;
  work.world.history.groups.told.push({ group, client, log, offset, ...when });
  work.world.trace.add(client, `told ${group} ${log}@${offset}`);
}

async function fetchAll(work: Work, client: string, group: string): Promise<void> {
  const text = `offsets ${group}`;
  const { answer, ...when } = await ask(work, client, text, ({ broker }) =>
    broker.fetchOffsets({ group }),
  );
  if (answer.kind === 'error') expected(work, '', `${client} ${text}`, answer.error);
  if (answer.kind !== 'value') return;
  for (const { topic, partition, committed } of answer.value) {
    const log = onlyLog(work, topic, partition);
    const told = { group, client, log, offset: committed?.offset };
    work.world.history.groups.told.push({ ...told, ...when });
  }
}

/** Refusals that tell an admin how things stand: nothing was done. */
const refusals = new Set([
  'UNKNOWN_MEMBER_ID',
  'NON_EMPTY_GROUP',
  'GROUP_ID_NOT_FOUND',
  'GROUP_SUBSCRIBED_TO_TOPIC',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

interface Done {
  readonly answer: Answer<unknown>;
  readonly invoked: number;
  readonly completed: number;
  readonly outcome?: PartitionOutcome | undefined;
}

/** That an offset was to be set by nobody; undefined `to`: nobody knows to what. */
function noteSet(
  work: Work,
  client: string,
  group: string,
  at: Place | undefined,
  to: { readonly offset: bigint | undefined } | undefined,
  { answer, invoked, completed, outcome: told }: Done,
): void {
  const { world } = work;
  const error =
    answer.kind === 'error'
      ? answer.error
      : told?.error && new ProtocolError(told.error, told.message ?? '');
  const kafka = error instanceof ProtocolError ? error.kafka : '';
  const isUnknown = answer.kind === 'lost' || kafka === 'REQUEST_TIMED_OUT';
  const isRefused = answer.kind === 'refused' || refusals.has(kafka);
  if (!isUnknown && !isRefused && error !== undefined) {
    expected(work, at?.topic ?? '', `${group} set by nobody`, error);
  }
  const outcome =
    isUnknown || (answer.kind === 'error' && !isRefused)
      ? 'unknown'
      : error === undefined && answer.kind === 'value'
        ? 'ok'
        : 'failed';
  const offset = to?.offset;
  // What nobody knows of may yet be done, to a topic that will have the name then.
  const log = outcome === 'unknown' || !at ? undefined : onlyLog(work, at.topic, at.partition);
  const asked = { group, log, by: nobody, grant: -1, n: undefined, offset };
  const unclear = to === undefined ? ({ unclear: true } as const) : {};
  world.history.groups.commits.push({ ...asked, ...unclear, invoked, completed, outcome });
  world.trace.add(client, `told ${group} ${log}@${offset} ${outcome}`);
}

/** Looks at groups, and changes those that nobody works in. */
export const groupAdmin: Workload = async (work, client) => {
  const { random } = work.world;
  while (more(work)) {
    const act = random.pick([look, look, reset, reset, deleteOffset, deleteGroup]);
    await act(work, client, someGroup(work));
    await think(work);
  }
};

async function look(work: Work, client: string, group: string): Promise<void> {
  const { random } = work.world;
  const what = random.pick(['describe', 'lag', 'list'] as const);
  const { answer } = await ask<unknown>(work, client, `${what} ${group}`, ({ broker }) => {
    if (what === 'describe') return broker.describeGroup(group);
    return what === 'lag' ? broker.groupLag(group) : broker.listGroups();
  });
  if (answer.kind !== 'error') return;
  const { error } = answer;
  if (error instanceof ProtocolError && refusals.has(error.kafka)) return;
  expected(work, '', `${client} ${what} ${group}`, error);
}

async function reset(work: Work, client: string, group: string): Promise<void> {
  const { random } = work.world;
  const at = anyLog(work);
  const to = random.pick<ResetTarget>([
    { kind: 'earliest' },
    { kind: 'latest' },
    { kind: 'offset', offset: BigInt(random.int(0, 20)) },
    { kind: 'shift', by: BigInt(random.int(-5, 5)) },
  ]);
  const dryRun = random.chance(0.2);
  const of = [{ topic: at.topic, partitions: [at.partition] }];
  const text = `reset ${group} ${at.topic}/${at.partition} ${to.kind} dry=${dryRun}`;
  const done = await ask<readonly OffsetReset[]>(work, client, text, ({ broker }) =>
    broker.resetOffsets({ group, of, to, dryRun }),
  );
  if (dryRun) return;
  const told = done.answer.kind === 'value' ? done.answer.value[0] : undefined;
  if (to.kind === 'shift' && told?.error === 'INVALID_REQUEST') return;
  noteSet(work, client, group, at, told?.after === undefined ? undefined : { offset: told.after }, {
    ...done,
    outcome: told,
  });
}

async function deleteOffset(work: Work, client: string, group: string): Promise<void> {
  const at = anyLog(work);
  const text = `delete offset ${group} ${at.topic}/${at.partition}`;
  const done = await ask(work, client, text, ({ broker }) => broker.deleteOffsets(group, [at]));
  const told = done.answer.kind === 'value' ? done.answer.value[0] : undefined;
  noteSet(work, client, group, at, { offset: undefined }, { ...done, outcome: told });
}

async function deleteGroup(work: Work, client: string, group: string): Promise<void> {
  const done = await ask(work, client, `delete group ${group}`, ({ broker }) =>
    broker.deleteGroup(group),
  );
  noteSet(work, client, group, undefined, { offset: undefined }, done);
}
