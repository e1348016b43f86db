import { afterAll, beforeAll, describe } from 'vitest';
import type { Client } from '../../lib/client/types.ts';
import { adminTests } from './suite-admin.ts';
import { consumeTests } from './suite-consume.ts';
import { groupTests } from './suite-groups.ts';
import { produceTests } from './suite-produce.ts';

export interface Opened {
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * The whole client against a real log, whatever carries it. The log may be shared and may hold
 * topics already; every test makes its own.
 */
export function clientSuite(name: string, open: () => Promise<Opened>): void {
  describe(`client, ${name}`, () => {
    let opened: Opened | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    const client = (): Client => {
      if (opened === undefined) throw new Error('expected a client that was opened');
      return opened.client;
    };
    describe('produces', () => {
      produceTests(client);
    });
    describe('consumes', () => {
      consumeTests(client);
    });
    describe('groups', () => {
      groupTests(client);
    });
    describe('administers', () => {
      adminTests(client);
    });
  });
}
