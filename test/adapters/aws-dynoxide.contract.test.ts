import { expect, inject, test } from 'vitest';
import { openTable } from './aws-world.ts';
import { describeMetadataTable } from './metadata-table.contract.ts';

const url = inject('dynoxide');

test.skipIf(url === undefined)('this machine has a second DynamoDB', () => {
  expect(url).toMatch(/^http:/u);
});

for (const second of url === undefined ? [] : [url]) {
  describeMetadataTable('a second DynamoDB', () => openTable(second));
}
