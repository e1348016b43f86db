import { jsonReply } from '../call.ts';
import type { Call, Reply } from '../call.ts';
import type { Route } from '../route.ts';
import type { OpenApiDocument } from './document.ts';

let made: OpenApiDocument | undefined;

/**
 * The description of the API by OpenAPI 3.1, made when it is first asked for: its schemas are
 * loaded then, and cost no other call anything.
 */
export async function describeApi({ request }: Call, routes: readonly Route[]): Promise<Reply> {
  if (made === undefined) {
    const { openApiDocument } = await import('./document.ts');
    made = openApiDocument(routes);
  }
  return jsonReply({ ...made, servers: [{ url: request.baseUrl }] });
}
