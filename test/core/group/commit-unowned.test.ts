import { expect, test } from 'vitest';
import { groupBounds } from '../../../lib/core/group/bounds.ts';
import { commitUnowned } from '../../../lib/core/group/commit-unowned.ts';
import { emptyWorld } from '../../sim/explorer/groups/world.ts';
import { at, committed } from './build.ts';
import { runOn } from './run.ts';

test('metadata that is too large is refused for its partition alone, and nothing is asked', () => {
  const most = groupBounds.metadataBytesMax;
  const commits = ['x'.repeat(most), `${'ä'.repeat(most / 2)}x`].map((metadata, i) => ({
    ...at(i),
    committed: committed(1, metadata),
  }));
  const input = { group: 'g', commits, needsEmpty: false };
  const { result, world } = runOn(emptyWorld, commitUnowned, input);
  expect(result).toEqual(['accepted', 'metadata-too-large']);
  expect([...world.ownerships.keys()]).toEqual(['t#0']);
  const tooLarge = runOn(emptyWorld, commitUnowned, { ...input, commits: commits.slice(1) });
  expect(tooLarge).toMatchObject({ result: ['metadata-too-large'], calls: [] });
});
