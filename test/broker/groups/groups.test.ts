import { createMemoryTable } from '../../../lib/adapters/memory/table.ts';
import { openTemporary } from '../../adapters/directories.ts';
import { describeGroupAdmin } from './admin.contract.ts';
import { describeMembership } from './membership.contract.ts';
import { describeOffsets } from './offsets.contract.ts';

const stores = {
  memory: async () => ({ table: createMemoryTable(), close: async () => undefined }),
  embedded: openTemporary,
};

for (const [name, open] of Object.entries(stores)) {
  describeMembership(name, open);
  describeOffsets(name, open);
  describeGroupAdmin(name, open);
}
