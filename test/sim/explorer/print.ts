import type { Command } from '../../../lib/core/log/command.ts';
import type { Slot, SlotOrStub } from '../../../lib/core/log/slot.ts';
import type { Broken, Explored } from './search.ts';
import { processOf } from './state.ts';
import type { Choice, State } from './state.ts';
import type { SimRequest } from './world.ts';

const commandText = (command: Command): string => {
  const epoch = 'epoch' in command && command.kind !== 'marker' ? `@${command.epoch}` : '';
  const brought = 'brought' in command ? ` brought=${command.brought?.slot}` : '';
  return `${command.kind} ${command.id}${epoch}${brought}`;
};

const slotText = (slot: Slot): string =>
  `${slot.seq}(${slot.commands.map(commandText).join(', ')})`;

function requestText(request: SimRequest): string {
  switch (request.kind) {
    case 'append':
      return `append to ${request.seq}: ${commandText(request.command)}`;
    case 'put-slot':
      return `put slot ${slotText(request.slot)} over ${request.over ?? 'nothing'}`;
    case 'put-group':
      return `put group from ${request.group.from.seq} to ${request.group.to.seq} epoch ${request.group.epoch} floor ${request.floor}`;
    case 'get-slot':
      return `get position ${request.position}`;
    case 'put-producer':
      return `put producer ${request.state.producerId} for slot ${request.seq}`;
    case 'get-producer':
      return `get producer ${request.producerId}`;
    case 'get-group':
      return `get group at ${request.at.offset}`;
    case 'query-groups':
      return `query groups from ${request.from.seq}`;
    case 'put-object':
      return `put object ${request.key}`;
    default:
      return request.kind;
  }
}

function choiceText(state: State, choice: Choice): string {
  switch (choice.kind) {
    case 'land': {
      const request = state.late[choice.at];
      return `late lands: ${request === undefined ? '' : requestText(request)}`;
    }
    case 'expire':
      return `p${choice.process + 1} time is up`;
    case 'die':
      return `p${choice.process + 1} dies`;
    case 'answer': {
      const { name, pending } = processOf(state, choice.process);
      const entry = pending[choice.at];
      const what = entry === undefined ? '' : requestText(entry.request);
      const how = choice.ending === 'execute' ? '' : ` (${choice.ending})`;
      return `${name} ${what}${how}`;
    }
  }
}

const itemText = (item: SlotOrStub | undefined): string =>
  item === undefined ? '-' : item === 'stub' ? 'stub' : slotText(item);

/** A step in words, and the ring after it if it changed. */
export function describeStep(before: State, choice: Choice, after: State | undefined): string {
  const same = after === undefined || after.world === before.world;
  const ring = same ? '' : `   ring ${after.world.ring.map(itemText).join(' | ')}`;
  return `${choiceText(before, choice)}${ring}`;
}

/** One line about an exploration. */
export function summaryText(
  { name, about }: { readonly name: string; readonly about: string },
  { states, edges, depth, cut, violation }: Explored,
): string {
  const numbers = `${states} states, ${edges} edges, depth ${depth}`;
  const found =
    violation === undefined
      ? 'holds'
      : `BROKEN after ${violation.trace.length} steps: ${violation.rule}`;
  const extent = cut ? 'CUT: not all states were visited' : 'all states';
  return `${name}: ${found}; ${numbers}, ${extent}; ${about}`;
}

/** The way to what does not hold. */
export const traceText = ({ rule, detail, trace }: Broken): string =>
  [`${rule}: ${detail}`, ...trace].join('\n');
