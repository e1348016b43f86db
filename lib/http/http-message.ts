/** One request, as a socket or a gateway's event brought it. */
export interface HttpRequest {
  /** In capitals. */
  readonly method: string;
  /** Still percent-encoded, without the query; below the stage or prefix, if there is one. */
  readonly path: string;
  /** Still percent-encoded, without the question mark. */
  readonly query: string;
  /** Names in lower case; values that came several times joined by a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Scheme, host and stage as the client sees them, without a slash at the end. */
  readonly baseUrl: string;
  /** Names this request in answers and logs, unless the client brought a name of its own. */
  readonly requestId: string;
  /** Aborts when nobody waits for the answer any more, or the server closes. */
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no body (204, HEAD). */
  readonly body: Uint8Array | undefined;
}

/** A request id that is safe to repeat in a header and in a log line. */
const saneId = /^[A-Za-z0-9._:+/=-]{1,128}$/;

/** The client's `X-Request-Id` if it is sane, else the one the front end drew. */
export function requestIdOf(request: HttpRequest): string {
  const given = request.headers['x-request-id'];
  return given !== undefined && saneId.test(given) ? given : request.requestId;
}
