// Draws requests from the description of a laptop's server for as many minutes as are asked for.

import { startLaptop } from '../conformance/laptop.ts';
import { schemathesisRun } from './schemathesis.ts';

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) throw new Error(`expected a number of minutes, got ${process.argv[2]}`);

const server = await startLaptop();
const options = ['--max-time', String(Math.ceil(minutes * 60)), ...process.argv.slice(3)];
const { code, output, exchanges } = await schemathesisRun({ url: server.url, options });
await server.close();
console.log(`${output}\nrequests=${exchanges.length}`);
process.exitCode = code ?? 1;
