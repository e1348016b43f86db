import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { uniqueName } from './api.ts';
import type { Answer, Api } from './api.ts';

/** `<topic>/<partition>`. */
type Place = string;

export interface Beat {
  readonly member_id: string;
  readonly member_epoch: number;
  readonly heartbeat_interval_ms: number;
  readonly assignment: {
    readonly topic_partitions: readonly {
      readonly topic_id: string;
      readonly topic_name: string;
      readonly partitions: readonly number[];
      readonly grants: readonly Grant[];
    }[];
  };
  readonly offsets: readonly Outcomes[];
}

export interface Grant {
  readonly partition_index: number;
  readonly granted_in: number;
  readonly committed_offset: number;
  readonly metadata: string;
}

export interface Outcomes {
  readonly name: string;
  readonly partitions: readonly {
    readonly partition_index: number;
    readonly error_code: number | null;
    readonly error_name?: string;
  }[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Offsets as a commit and a heartbeat name them: `{ 't/0': 5 }`. */
export const offsetsOf = (offsets: Readonly<Record<Place, number>>) =>
  Object.entries(offsets).map(([place, offset]) => {
    const { topic, partition } = partsOf(place);
    return { name: topic, partitions: [{ partition_index: partition, committed_offset: offset }] };
  });

function partsOf(place: Place): { readonly topic: string; readonly partition: number } {
  const slash = place.lastIndexOf('/');
  return { topic: place.slice(0, slash), partition: Number(place.slice(slash + 1)) };
}

/** Kafka's names of what was refused, null for what was done, in order. */
export const namesIn = (outcomes: readonly Outcomes[]): readonly (string | null)[] =>
  outcomes.flatMap(({ partitions }) =>
    partitions.map(({ error_code: code, error_name: name }) =>
      code === null ? null : (name ?? ''),
    ),
  );

function beatIn(answer: Answer): Beat {
  expect(answer.status, answer.text).toBe(200);
  return answer.json as Beat;
}

/** A consumer that keeps to the protocol: it works on what it was told last, and says so. */
export class Member {
  readonly id: string;
  epoch = 0;
  /** What it works on, with what it was granted. */
  grants: ReadonlyMap<Place, Grant> = new Map();
  readonly #door: Api;
  readonly #path: string;
  /** Of its join. */
  readonly #join: Fields;

  constructor(door: Api, group: string, join: Fields, id: string = uniqueName()) {
    this.#door = door;
    this.#path = `/groups/${encodeURIComponent(group)}`;
    this.#join = join;
    this.id = id;
  }

  get owned(): readonly Place[] {
    return [...this.grants.keys()].toSorted();
  }

  /** One heartbeat as it is, whatever comes of it. */
  call(body: Fields): Promise<Answer> {
    return this.#door.ask(`POST ${this.#path}/heartbeat`, {
      body: { member_id: this.id, ...body },
    });
  }

  /** Joins, or says what it works on. */
  async beat(more: Fields = {}): Promise<Beat> {
    const owned = this.owned.map(partsOf).map(({ topic, partition }) => {
      return { topic_name: topic, partitions: [partition] };
    });
    const state = this.epoch === 0 ? this.#join : { topic_partitions: owned, ...this.#static() };
    return this.#take(await this.call({ member_epoch: this.epoch, ...state, ...more }));
  }

  /** For good, or as a static member that will be back. */
  async leave(more: Fields = {}, epoch: -1 | -2 = -1): Promise<Beat> {
    const answer = await this.call({
      member_epoch: epoch,
      last_epoch: this.epoch,
      ...this.#static(),
      ...more,
    });
    return beatIn(answer);
  }

  commit(offsets: Readonly<Record<Place, number>>, more: Fields = {}): Promise<Answer> {
    return this.#door.ask(`POST ${this.#path}/offsets`, {
      body: {
        member_id: this.id,
        generation_id_or_member_epoch: this.epoch,
        topics: offsetsOf(offsets),
        ...more,
      },
    });
  }

  #static(): Fields {
    const { instance_id: instance } = this.#join;
    return instance === undefined ? {} : { instance_id: instance };
  }

  #take(answer: Answer): Beat {
    const beat = beatIn(answer);
    this.epoch = beat.member_epoch;
    this.grants = new Map(
      beat.assignment.topic_partitions.flatMap(({ topic_name: topic, grants }) =>
        grants.map((grant) => [`${topic}/${grant.partition_index}`, grant] as const),
      ),
    );
    return beat;
  }
}

/** Lets all of them beat in turn until it is so; at no time does anything belong to two of them. */
export async function beatUntil(
  members: readonly Member[],
  isSo: () => boolean,
  everyMs = 20,
): Promise<void> {
  for (;;) {
    for (const member of members) {
      await member.beat();
      const all = members.flatMap(({ owned }) => owned);
      expect(new Set(all).size, all.join(' ')).toBe(all.length);
      if (isSo()) return;
    }
    await sleep(everyMs);
  }
}

/** So many each, all together all of them. */
export const shared = (members: readonly Member[], counts: readonly number[]) => (): boolean =>
  members.every(({ owned }, i) => owned.length === counts[i]);
