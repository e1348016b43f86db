import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { must } from '../../std/assert.ts';
import { describeError, EmbeddedStoreError } from './errors.ts';
import { GroupWriter } from './group-writer.ts';
import { refusal } from './refusal.ts';
import { openForWriting } from './schema.ts';
import type { Reply, Request, Write } from './write.ts';

/** Writes in one group: bounds the memory of a transaction. */
const groupWritesMax = 4_096;

export interface WriterThreadData {
  readonly directory: string;
  readonly path: string;
}

const port = must(parentPort, 'the port of the main thread');
const say = (reply: Reply): void => port.postMessage(reply);

function open(): GroupWriter | undefined {
  const { directory, path } = workerData as WriterThreadData;
  try {
    return new GroupWriter(openForWriting(directory, path));
  } catch (error) {
    const { expected, came, advice } =
      error instanceof EmbeddedStoreError ? error : refusal(directory, error);
    say({ kind: 'refused', expected, came, advice });
    return undefined;
  }
}

/** Takes what has arrived since: all of it shares the next commit. */
function takeMore(writes: Write[]): Request | undefined {
  while (writes.length < groupWritesMax) {
    const next: { readonly message: Request } | undefined = receiveMessageOnPort(port);
    if (next === undefined) return undefined;
    if (next.message.kind === 'close') return next.message;
    writes.push(...next.message.writes);
  }
  return undefined;
}

function serve(writer: GroupWriter, request: Request): void {
  const writes: Write[] = request.kind === 'write' ? [...request.writes] : [];
  const last = request.kind === 'close' ? request : takeMore(writes);
  if (writes.length > 0) {
    say({ kind: 'group', count: writes.length, result: writer.commit(writes) });
    writer.checkpointIfDue();
  }
  if (last === undefined) return;
  writer.close();
  say({ kind: 'closed' });
  port.close();
}

const writer = open();
if (writer !== undefined) {
  port.on('message', (request: Request) => {
    try {
      serve(writer, request);
    } catch (error) {
      // Nothing may be committed after this: the port closes, the main thread ends the process.
      say({ kind: 'fatal', message: describeError(error) });
      port.close();
    }
  });
  say({ kind: 'ready' });
}
