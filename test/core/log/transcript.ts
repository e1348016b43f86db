import type { Command } from '../../../lib/core/log/command.ts';
import type { LogConfig } from '../../../lib/core/log/config.ts';
import { genesis, lastStableOffset } from '../../../lib/core/log/head.ts';
import type { Head, Position, ProducerState } from '../../../lib/core/log/head.ts';
import { isFull, opening, replay } from '../../../lib/core/log/slot.ts';
import type { Replayed, Slot } from '../../../lib/core/log/slot.ts';
import { commandId, leaderEpoch, offset, producerId } from '../../../lib/std/brands.ts';
import { config, data, marker, run, verdictText } from './build.ts';

/**
 * A transcript is commands and what replay made of them. A line that begins with `> ` is a
 * command, `key=value` and flags; what is indented below it was told: verdicts, then what changed
 * in the head. `> config` begins a new log; `> advance` opens the next slot.
 */
export function runTranscript(text: string): string {
  const output: string[] = [];
  let log = new TranscriptLog({});
  for (const line of text.split('\n')) {
    if (!line.startsWith('  ')) output.push(line);
    if (!line.startsWith('> ')) continue;
    const words = wordsOf(line.slice(2));
    if (words.verb === 'config') log = new TranscriptLog(words.numbers);
    else output.push(...log.take(words).map((told) => `  ${told}`));
  }
  return output.join('\n');
}

interface Words {
  readonly verb: string;
  readonly name: string;
  readonly flags: readonly string[];
  readonly numbers: Readonly<Record<string, number>>;
}

function wordsOf(line: string): Words {
  const [verb = '', ...rest] = line.split(' ');
  const pairs = rest.filter((word) => word.includes('=')).map((word) => word.split('='));
  const [name = '', ...flags] = rest.filter((word) => !word.includes('='));
  const numbers = Object.fromEntries(pairs.map(([key = '', value]) => [key, Number(value)]));
  return { verb, name, flags, numbers };
}

class TranscriptLog {
  readonly #config: LogConfig;
  readonly #perSlot: number;
  /** What left the head, as the table would hold it. */
  readonly #stored = new Map<bigint, ProducerState>();
  #now: Replayed;

  constructor({ perSlot = 2, ...shape }: Readonly<Record<string, number>>) {
    this.#config = config(shape);
    this.#perSlot = perSlot;
    this.#now = this.#open(0, genesis);
  }

  #open(seq: number, snapshot: Head): Replayed {
    const limit = this.#perSlot * 10 - 1;
    return replay({ seq, snapshot, commands: [], bytes: 0, limit }, this.#config);
  }

  take(words: Words): string[] {
    const before = this.#now.head;
    if (words.verb === 'advance') return this.#advance(before);
    if (isFull(this.#now.slot)) return ['the slot is full'];
    const { slot } = this.#now;
    const commands = [...slot.commands, this.#command(words)];
    const longer: Slot = { ...slot, commands, bytes: slot.bytes + 10 };
    this.#now = replay(longer, this.#config, this.#now);
    const verdicts = this.#now.entries.at(-1)?.verdicts ?? [];
    return [verdicts.map(verdictText).join(', '), ...changes(before, this.#now.head)];
  }

  #advance(before: Head): string[] {
    if (!isFull(this.#now.slot)) return ['the slot has room'];
    const { snapshot, leaving } = opening(this.#now, this.#config);
    for (const state of leaving) this.#stored.set(state.producerId, state);
    this.#now = this.#open(snapshot.end.seq, snapshot);
    const left = leaving.map((state) => `leaves: ${producerText(state)}`);
    return [...left, ...changes(before, snapshot)];
  }

  #command({ verb, name, flags, numbers }: Words): Command {
    const id = commandId(name);
    const { pid = 0, epoch = 0, txn = 0, from = 0, to = 0, of = 0 } = numbers;
    switch (verb) {
      case 'data': {
        const runs = [run({ ...numbers, count: numbers['count'] ?? 1 })];
        const staged = numbers['stage'] === undefined ? {} : { epoch: numbers['stage'] };
        return data(runs, { id, ...staged, brought: this.#brought(flags, pid, epoch, txn) });
      }
      case 'marker': {
        const outcome = flags.includes('abort') ? 'abort' : 'commit';
        const bump = !flags.includes('keeps-epoch');
        const brought = this.#brought(flags, pid, epoch, txn);
        const base = { id, producerId: producerId(BigInt(pid)), epoch, txn };
        return marker({ ...base, outcome, bump, brought });
      }
      case 'spill':
        return { kind: 'spill', id, from: this.#at(from), to: this.#at(to), epoch };
      case 'seal':
        return { kind: 'seal', id, from: this.#at(from), to: this.#at(to), epoch };
      case 'start':
        return { kind: 'start', id, offset: offset(BigInt(of)) };
      case 'floor':
        return { kind: 'floor', id, epoch };
      case 'raise':
        return { kind: 'raise', id, leaderEpoch: leaderEpoch(epoch) };
      case 'close':
        return { kind: 'close', id };
      default:
        throw new Error(`unknown verb=${verb}`);
    }
  }

  /** The beginning of a slot, of those that bounds name. */
  #at(seq: number): Position {
    const { sealed, spilled, groups, end } = this.#now.head;
    return [sealed, spilled, ...groups].find((at) => at.seq === seq) ?? { ...end, seq };
  }

  /** What was read for this slot: the state that left the head, or that there is none. */
  #brought(flags: readonly string[], pid: number, epoch: number, txn: number) {
    const id = producerId(BigInt(pid));
    const state = flags.includes('reads') ? this.#stored.get(id) : undefined;
    const isAbsent = flags.includes('reads') && state === undefined;
    return {
      slot: this.#now.slot.seq,
      states: state === undefined ? [] : [state],
      absent: isAbsent ? [id] : [],
      verified: flags.includes('verified') ? [{ producerId: id, epoch, txn }] : [],
    };
  }
}

const positionText = ({ seq, offset: of }: Position): string => `${seq}:${of}`;

const producerText = ({ producerId: id, epoch, txn, batches }: ProducerState): string => {
  const list = batches.map(
    ({ baseSequence, count, baseOffset }) => `${baseSequence}+${count}@${baseOffset}`,
  );
  return `${id} epoch ${epoch} txn ${txn} [${list.join(' ')}]`;
};

/** The head's fields in words. */
function fieldsOf(head: Head): Readonly<Record<string, string>> {
  return {
    end: positionText(head.end),
    lso: String(lastStableOffset(head)),
    start: String(head.start),
    sealed: positionText(head.sealed),
    spilled: positionText(head.spilled),
    groups: head.groups.map(positionText).join(' ') || 'none',
    floor: String(head.floor),
    'leader epoch': String(head.leaderEpoch),
    closed: String(head.closed),
    open:
      head.open
        .map((one) => `${one.producerId}/${one.epoch}/${one.txn}@${one.firstOffset}`)
        .join(' ') || 'none',
    producers: head.producers.map(producerText).join('; ') || 'none',
    hash: head.hash,
  };
}

function changes(before: Head, after: Head): string[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  return Object.keys(now).flatMap((key) => (old[key] === now[key] ? [] : [`${key}: ${now[key]}`]));
}
