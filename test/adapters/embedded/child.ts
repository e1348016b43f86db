// A process that uses a store until it is killed: child.ts <what> <directory> [argument]
import { openEmbedded } from '../../../lib/adapters/embedded/open.ts';
import { itemWith } from '../items.ts';

const [what, directory, argument = '0'] = process.argv.slice(2);
if (directory === undefined) throw new Error('no directory is named');
const store = await openEmbedded(directory, { program: 'child' });
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const command = (id: string): Uint8Array => Buffer.from(id.padEnd(64, '.'));

/** One writer of many: appends, replacements, transactions and objects, each said when done. */
async function write(run: string, worker: number): Promise<never> {
  const pk = `w${worker}`;
  for (let n = 0; ; n += 1) {
    const id = `${run}-${worker}-${n}`;
    const item = itemWith({ pk, sk: id, version: n, limit: 1_000 });
    const pair = [item, { ...item, pk: `${pk}-twin` }];
    const put = await store.table.transact(
      pair.map((each) => ({
        kind: 'put' as const,
        item: each,
        condition: { kind: 'absent' as const },
      })),
    );
    if (put.kind === 'done') say(`item ${pk} ${id}`);
    const appended = await store.table.append({ pk, sk: id }, n, command(id));
    if (appended.kind === 'done') say(`append ${pk} ${id}`);
    if (n % 8 === 0) {
      const object = await store.objects.put(`o/${pk}/${id}`, command(id));
      if (object.kind === 'done') say(`object ${pk} ${id}`);
    }
  }
}

async function fill(): Promise<void> {
  // Until the disk refuses, or the process ends by it.
  for (let n = 0; n < 10_000; n += 1) {
    const item = itemWith({ sk: `${n}`, body: new Uint8Array(50_000).fill(n) });
    const outcome = await store.table.put(item, { kind: 'absent' });
    say(`${outcome.kind} ${n}`);
    if (outcome.kind !== 'done') return store.close();
  }
}

say('open');
if (what === 'write') await Promise.all([0, 1, 2, 3].map((worker) => write(argument, worker)));
else if (what === 'fill') await fill();
