import { openTemporary } from './directories.ts';
import { describeMetadataTable } from './metadata-table.contract.ts';
import { describeObjectStore } from './object-store.contract.ts';

describeMetadataTable('embedded', async () => {
  const { table, close } = await openTemporary();
  return { store: table, close };
});
describeObjectStore('embedded', async () => {
  const { objects, close } = await openTemporary();
  return { store: objects, close };
});
