import * as z from 'zod';
import { shapesConsumers } from './shapes-consumers.ts';
import { shapesGroups } from './shapes-groups.ts';
import { shapesV2 } from './shapes-v2.ts';
import { shapesV3Groups } from './shapes-v3-groups.ts';
import { shapesV3 } from './shapes-v3.ts';

/**
 * Every body of the API by its name in the description. What checks a request is among them; the
 * rest only describes what is read or written by hand, and is loaded with the description alone.
 */
export const shapes = {
  ...shapesV2,
  ...shapesV3,
  ...shapesGroups,
  ...shapesV3Groups,
  ...shapesConsumers,
} as const;

export type ShapeName = keyof typeof shapes;

/** All of them as JSON Schema (draft 2020-12), with references between them. */
export function shapeSchemas(): Record<string, object> {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, shape] of Object.entries(shapes)) registry.add(shape, { id });
  const { schemas } = z.toJSONSchema(registry, {
    // What a client sends; answers are not transformed.
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $schema: _schema, $id: _id, ...rest } = schema;
      return [id, rest];
    }),
  );
}
