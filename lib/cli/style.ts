import { styleText } from 'node:util';

type Stream = NodeJS.WriteStream;

/** Coloured on terminals only, and not with NO_COLOR. */
export const bold = (text: string, stream: Stream): string => styleText('bold', text, { stream });
export const red = (text: string, stream: Stream): string => styleText('red', text, { stream });
