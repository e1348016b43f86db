import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, vi } from 'vitest';
import { writeBundles } from '../../cdk/bundles.ts';
import { handlerFolder } from '../../cdk/handler-folder.ts';
import { duties } from '../../cdk/permissions.ts';
import { Tailrace } from '../../cdk/tailrace.ts';
import type { TailraceProps } from '../../cdk/tailrace.ts';
import { TailraceStack } from '../../cdk/tailrace-stack.ts';
import { must } from '../../lib/std/assert.ts';

const { context } = JSON.parse(readFileSync(resolve('cdk.json'), 'utf8')) as {
  readonly context: Readonly<Record<string, unknown>>;
};

// The first synthesis of a process loads what takes seconds, and far more on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

// Nobody here looks into the code of a function: whichever lies there will do.
if (!duties.map(handlerFolder).every(existsSync)) await writeBundles();

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** An app with the settings of cdk.json. */
export function newApp(): App {
  const outdir = mkdtempSync(join(tmpdir(), 'tailrace-synth-'));
  folders.push(outdir);
  return new App({ context, outdir });
}

/** What `TailraceStack` deploys. */
export function template(tailrace: TailraceProps = {}): Template {
  return Template.fromStack(new TailraceStack(newApp(), 'Tailrace', { tailrace }));
}

/** The construct in somebody's own stack. `props` makes what it is given. */
export function within(
  props: (stack: Stack) => TailraceProps,
  use: (tailrace: Tailrace, stack: Stack) => void = () => undefined,
): Template {
  const stack = new Stack(newApp(), 'Own', {
    env: { account: '123456789012', region: 'eu-west-1' },
  });
  use(new Tailrace(stack, 'Tailrace', props(stack)), stack);
  return Template.fromStack(stack);
}

export interface Resource {
  readonly id: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}

export function resourcesOf(from: Template, type: string): Resource[] {
  return Object.entries(from.findResources(type)).map(
    ([id, resource]) => ({ ...resource, id }) as unknown as Resource,
  );
}

/** The only resource of a type, or the only one whose id contains something. */
export function only(from: Template, type: string, part = ''): Resource {
  const found = resourcesOf(from, type).filter(({ id }) => id.includes(part));
  if (found.length !== 1) throw new Error(`expected one ${type} ${part}, got ${found.length}`);
  return must(found[0], type);
}

/** A reference within a template, as text: `<Id.Arn>`, `<Id>`. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, of] = ['', undefined]] = Object.entries(value as Record<string, unknown>);
  if (kind === 'Ref') return `<${String(of)}>`;
  if (kind === 'Fn::GetAtt') return `<${(of as string[]).join('.')}>`;
  if (kind === 'Fn::Join') {
    const [delimiter, parts] = of as [string, unknown[]];
    return parts.map(textOf).join(delimiter);
  }
  return JSON.stringify(value);
}
