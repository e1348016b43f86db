import type { Command } from '../../../lib/core/log/command.ts';
import type { Slot, SlotOrStub } from '../../../lib/core/log/slot.ts';
import { Interner } from './intern.ts';
import { ignoredOf, settingOf, take } from './explore.ts';
import type { Choice, Explored } from './explore.ts';
import { initialState, processOf, ruleOf } from './state.ts';
import type { State } from './state.ts';
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

/** A violation's way, step by step, with the ring after each. */
export function traceText(explored: Explored): string {
  const { scenario, violation } = explored;
  if (violation === undefined) return 'no violation';
  const lines: string[] = [`${scenario.name}: ${violation.rule}: ${violation.detail}`];
  const setting = settingOf(scenario, new Interner(ignoredOf(scenario)));
  let state: State = initialState(setting);
  for (const [i, choice] of violation.trace.entries()) {
    const before = state;
    try {
      state = take(setting, state, choice) ?? state;
    } catch (error) {
      lines.push(`${i + 1}. ${choiceText(before, choice)}`, `   ${ruleOf(error).detail}`);
      return lines.join('\n');
    }
    const ring =
      state.world === before.world ? '' : `   ring ${state.world.ring.map(itemText).join(' | ')}`;
    lines.push(`${i + 1}. ${choiceText(before, choice)}${ring}`);
  }
  return lines.join('\n');
}

/** One line about an exploration. */
export function summaryText({ scenario, states, edges, depth, cut, violation }: Explored): string {
  const numbers = `${states} states, ${edges} edges, depth ${depth}`;
  const found =
    violation === undefined
      ? 'holds'
      : `BROKEN after ${violation.trace.length} steps: ${violation.rule}`;
  const extent = cut ? 'CUT: not all states were visited' : 'all states';
  return `${scenario.name}: ${found}; ${numbers}, ${extent}; ${scenario.about}`;
}
