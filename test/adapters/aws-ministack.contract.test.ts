import { inject } from 'vitest';
import { openObjects, openTable } from './aws-world.ts';
import { describeMetadataTable } from './metadata-table.contract.ts';
import { describeObjectStore } from './object-store.contract.ts';

describeMetadataTable('DynamoDB', () => openTable(inject('emulator')));
describeObjectStore('S3', () => openObjects(inject('emulator')));
