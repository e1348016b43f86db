import type { APIGatewayProxyResult } from 'aws-lambda';
import { assert } from '../std/assert.ts';
import { limits } from '../std/limits.ts';
import { errorResponse, finish } from './handle.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';

/** Both payload formats of API Gateway take this form. */
export type GatewayResult = APIGatewayProxyResult;

const textTypes = /^(?:text\/|application\/(?:[\w.+-]+\+)?json\b)/;

/**
 * Lambda carries an answer of at most 6 MB, as a JSON string. That may double the bytes of a text
 * made of quotation marks, while base64 adds a third to anything.
 */
const textBytesMax = limits.responseBytesMax / 2;
assert(limits.responseBytesMax * (4 / 3) < 5_900_000, 'the largest answer fits in base64');

/** An answer as the gateway takes it: text as it is, large answers and other bytes in base64. */
export function resultOf(request: HttpRequest, response: HttpResponse): GatewayResult {
  const { status, headers, body = new Uint8Array() } = withinLimit(request, response);
  // The gateway counts for itself, after it has decoded the body.
  const { 'content-length': _, ...rest } = headers;
  const isText = textTypes.test(headers['content-type'] ?? '') && body.length <= textBytesMax;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return {
    statusCode: status,
    headers: rest,
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText && bytes.length > 0,
  };
}

/** Only a read can be answered with so much: what changes something is refused before. */
function withinLimit(request: HttpRequest, response: HttpResponse): HttpResponse {
  const max = limits.responseBytesMax;
  const bytes = response.body?.length ?? 0;
  if (bytes <= max) return response;
  const body = {
    error_code: 413,
    message: `expected an answer of at most ${max} bytes, got more; ask for less, or use a client that reads the stores itself bytes=${bytes}`,
  };
  const requestId = response.headers['x-request-id'] ?? request.requestId;
  return finish(request, errorResponse(request, body), requestId);
}
