/** `npm run costs`: counts what calls ask of the store, and writes the tables of docs/costs.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { costTables } from './sheet.ts';
import { withTables } from './page.ts';

const path = new URL('../../docs/costs.md', import.meta.url);
const tables = await costTables();
writeFileSync(path, withTables(readFileSync(path, 'utf8'), tables));
console.log(tables);
