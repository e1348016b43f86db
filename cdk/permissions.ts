import type { Route } from '../lib/http/route.ts';

/** What is deployed as a function of its own. */
export type Duty = Route['group'] | 'maintain';

export const duties = [
  'produce',
  'fetch',
  'consume',
  'admin',
  'maintain',
] as const satisfies readonly Duty[];

interface TablePermission {
  readonly actions: readonly TableAction[];
  /** Partition keys of items, or the beginning of some, with a star. */
  readonly items: readonly string[];
}

type TableAction = 'GetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem';

interface Permissions {
  readonly table: readonly TablePermission[];
  /** On staged objects. */
  readonly objects: readonly ('GetObject' | 'PutObject' | 'DeleteObject')[];
  /**
   * Whether object names may be listed. Also who only reads needs it: without it S3 answers for an
   * object that is not there as for one that may not be read.
   */
  readonly listsObjects: boolean;
}

const partitions = 'P#*';
const topics = 'TOPICS';
const system = 'SYS';
const groups = 'G#*';
const groupList = 'GROUPS';
const keyedRequests = 'IK#*';
const deletions = 'GONE#*';
const due = 'DUE#*';
const leases = 'L#*';

/** What replaying, appending to and advancing a ring takes. */
const append: TablePermission = {
  actions: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
  items: [partitions],
};

/**
 * What each duty does with the store, by what its code calls: test/cdk/permissions.test.ts runs the
 * code and compares. A transaction needs the permissions of its operations.
 */
export const permissions: Readonly<Record<Duty, Permissions>> = {
  produce: {
    table: [
      append,
      { actions: ['GetItem'], items: [topics, system] },
      { actions: ['PutItem'], items: [keyedRequests] },
    ],
    objects: ['PutObject'],
    listsObjects: false,
  },
  fetch: {
    table: [
      { actions: ['GetItem', 'Query'], items: [partitions] },
      { actions: ['GetItem'], items: [topics, system] },
    ],
    objects: ['GetObject'],
    listsObjects: true,
  },
  consume: {
    table: [
      { actions: ['GetItem', 'Query'], items: [partitions, topics] },
      { actions: ['GetItem'], items: [system] },
      { actions: ['GetItem', 'Query', 'PutItem', 'DeleteItem'], items: [groups] },
      { actions: ['GetItem', 'PutItem'], items: [groupList] },
      { actions: ['PutItem'], items: [due] },
    ],
    objects: ['GetObject'],
    listsObjects: true,
  },
  admin: {
    table: [
      append,
      { actions: ['GetItem', 'Query', 'PutItem'], items: [topics] },
      { actions: ['GetItem', 'Query', 'PutItem', 'DeleteItem'], items: [groups, groupList] },
      { actions: ['GetItem', 'PutItem'], items: [system] },
      { actions: ['PutItem'], items: [deletions, due] },
    ],
    // The first record of a time, to which offsets are reset, may lie in an object.
    objects: ['GetObject', 'PutObject'],
    listsObjects: true,
  },
  maintain: {
    table: [
      { ...append, actions: [...append.actions, 'DeleteItem'] },
      { actions: ['GetItem', 'Query', 'PutItem'], items: [topics] },
      { actions: ['GetItem', 'Query', 'PutItem', 'DeleteItem'], items: [groups, groupList] },
      { actions: ['GetItem', 'PutItem'], items: [leases] },
      { actions: ['GetItem'], items: [system] },
      { actions: ['GetItem', 'DeleteItem'], items: [deletions] },
      { actions: ['Query', 'PutItem', 'DeleteItem'], items: [due] },
    ],
    objects: ['PutObject', 'DeleteObject'],
    listsObjects: true,
  },
};
