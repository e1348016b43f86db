import { fileURLToPath } from 'node:url';
import type { Duty } from './permissions.ts';

/** The one file in it; Lambda calls the handler `index.handler`. */
export const handlerFile = 'index.mjs';

/** Where the code of a function lies, ready to be deployed, in the repository as in the package. */
export function handlerFolder(duty: Duty): string {
  return fileURLToPath(new URL(`../dist/handlers/${duty}`, import.meta.url));
}
