import { crc32 } from 'node:zlib';
import { checkedParts } from '../../../lib/adapters/bounds.ts';
import type { ObjectStore } from '../../../lib/ports/object-store.ts';
import { done } from '../../../lib/ports/outcome.ts';
import type { Host } from './host.ts';
import type { Mix } from './mix.ts';
import type { Network } from './network.ts';

/** The objects as one process sees them, through the network. */
export function simObjects(
  host: Host,
  network: Network,
  objects: ObjectStore,
  mix: Mix,
): ObjectStore {
  return {
    put(key, bytes) {
      const sent = new Uint8Array(bytes);
      const what = `PUT ${key} bytes=${sent.length} crc=${crc32(sent)}`;
      return network.write(host, what, () => objects.put(key, sent), plain);
    },
    async putParts(key, parts) {
      // Nothing is visible before the last part: so only the end of it is one event.
      const copies: Uint8Array[] = [];
      for await (const part of checkedParts(parts)) copies.push(new Uint8Array(part));
      async function* again(): AsyncGenerator<Uint8Array> {
        yield* copies;
      }
      const what = `PUT ${key} parts=${copies.length}`;
      return network.write(host, what, () => objects.putParts(key, again()), plain);
    },
    get(key, range) {
      const part = range === undefined ? '' : ` from=${range.from} length=${range.length}`;
      const apply = () => objects.get(key, range);
      return network.read(host, `GET ${key}${part}`, apply, (bytes) =>
        bytes === undefined ? 'nothing' : `crc=${crc32(bytes)}`,
      );
    },
    delete(keys) {
      const apply = async () => {
        if (!network.happens(mix.partialDelete, 'partial delete')) return objects.delete(keys);
        const some = keys.filter(() => network.random.chance(0.5));
        return some.length === 0 ? done([]) : objects.delete(some);
      };
      return network.write(host, `DELETE ${keys.join(' ')}`, apply, (outcome) =>
        outcome.kind === 'done' ? `gone=${outcome.value.length}` : '',
      );
    },
    list(prefix, after) {
      const what = `LIST ${prefix} after=${after ?? ''}`;
      return network.read(
        host,
        what,
        () => objects.list(prefix, after),
        ({ keys }) => keys.join(' '),
      );
    },
  };
}

const plain = (): string => '';
