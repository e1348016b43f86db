import type { Member, Ownership } from '../../../../lib/core/group/group.ts';
import type { Choice, State } from './system.ts';
import type { SimRequest, World } from './world.ts';

const memberText = ({ key, version, gone, entries }: Member): string => {
  const list = entries.map(({ a, n, committed, released }) => {
    const what = `a=${a} n=${n} offset=${committed?.offset ?? 'none'}`;
    return `[${what}${released ? ' released' : ''}]`;
  });
  return `${key} v${version}${gone ? ' gone' : ''} ${list.join(' ')}`;
};

const ownershipText = ({ a, owner, committed, version }: Ownership): string =>
  `O# v${version} a=${a} owner=${owner ?? 'none'} offset=${committed?.offset ?? 'none'}`;

function requestText(request: SimRequest): string {
  switch (request.kind) {
    case 'put-member':
    case 'delete-member':
    case 'join':
      return `${request.kind} ${memberText(request.member)}`;
    case 'put-ownership':
      return `put ${ownershipText(request.ownership)}`;
    case 'get-member':
      return `get ${request.key}`;
    case 'retarget':
      return `retarget to ${request.to ?? 'nobody'}`;
    default:
      return request.kind;
  }
}

function worldText({ state, members, ownerships }: World): string {
  const items = [...members.values()].map((member) => memberText(member));
  const owned = [...ownerships.values()].map((ownership) => ownershipText(ownership));
  return [`epoch ${state?.epoch ?? 0}`, ...owned, ...items].join(' | ');
}

/** A step in words, and the group after it if it changed. */
export function describe(before: State, choice: Choice, after: State | undefined): string {
  const same = after === undefined || after.world === before.world;
  const world = same ? '' : `   ${worldText(after.world)}`;
  if (choice.kind === 'land') {
    const request = before.late[choice.at];
    return `late lands: ${request === undefined ? '' : requestText(request)}${world}`;
  }
  const process = before.processes[choice.process];
  const name = `p${choice.process + 1} ${process?.memberId ?? ''} ${process?.work?.name ?? ''}`;
  if (choice.kind !== 'answer') return `${name} ${choice.kind}s`;
  const request = process?.pending[choice.at]?.request;
  const how = choice.ending === 'execute' ? '' : ` (${choice.ending})`;
  return `${name}: ${request === undefined ? '' : requestText(request)}${how}${world}`;
}
