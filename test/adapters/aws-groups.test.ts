import { inject } from 'vitest';
import { describeGroupAdmin } from '../broker/groups/admin.contract.ts';
import { describeMembership } from '../broker/groups/membership.contract.ts';
import { describeOffsets } from '../broker/groups/offsets.contract.ts';
import { describeGroupPerformer } from '../engine/perform-group.contract.ts';
import { openTable } from './aws-world.ts';

/** A DynamoDB table of its own. */
async function open() {
  const { store, close } = await openTable(inject('emulator'));
  return { table: store, close };
}

describeGroupPerformer('DynamoDB', open);
describeMembership('DynamoDB', open);
describeOffsets('DynamoDB', open);
describeGroupAdmin('DynamoDB', open);
