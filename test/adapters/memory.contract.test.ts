import { createMemoryObjects } from '../../lib/adapters/memory/objects.ts';
import { createMemoryTable } from '../../lib/adapters/memory/table.ts';
import { describeMetadataTable } from './metadata-table.contract.ts';
import { describeObjectStore } from './object-store.contract.ts';

const close = async (): Promise<void> => undefined;

describeMetadataTable('memory', async () => ({ store: createMemoryTable(), close }));
describeObjectStore('memory', async () => ({ store: createMemoryObjects(), close }));
