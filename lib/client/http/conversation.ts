import type { Clock, Ids } from '../../ports/environment.ts';
import { answerError, unansweredError } from './answers.ts';
import type { Asked } from './answers.ts';
import { Body } from './bodies.ts';
import { Connections, Unanswered } from './connections.ts';
import type { Answer, Question } from './connections.ts';
import type { Signer } from './sign.ts';

export interface ConversationOptions {
  /** Scheme, host, and the path of a stage if there is one. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: nothing is signed. */
  readonly signer?: Signer;
  /** From a request to its whole answer, in ms, beside what a fetch waits. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'object'>;
}

/** One request of the API. */
export interface Request extends Pick<Question, 'method' | 'target' | 'body' | 'signal'> {
  /** JSON by default. */
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A fetch: what it waits for at most. */
  readonly waitMs?: number;
  /** What changes something. */
  readonly write?: { readonly mayDuplicate: boolean };
}

/** Asks one server, once each: whoever knows what may be repeated does so. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #connections: Connections;
  /** Nothing else is kept waiting by fetches that wait. */
  readonly #waiting: Connections;

  constructor(options: ConversationOptions) {
    const { url, clock } = options;
    this.#options = options;
    this.#connections = new Connections(url, clock);
    this.#waiting = new Connections(url, clock);
  }

  /** Throws what `Transport` says. */
  async ask(request: Request): Promise<Body> {
    const { url, ids, signer } = this.#options;
    const { write, method, target } = request;
    const asked: Asked = {
      what: `${method} ${url.origin}${url.pathname.replace(/\/$/, '')}${target}`,
      requestId: ids.object(),
      signed: signer !== undefined,
      ...(write === undefined ? {} : { write }),
    };
    const answer = await this.#answer(request, asked);
    if (answer.status < 200 || answer.status >= 300) throw answerError(asked, answer);
    return new Body(asked, answer, request.accept ?? json);
  }

  close(): void {
    this.#connections.close();
    this.#waiting.close();
  }

  async #answer(request: Request, { requestId, ...asked }: Asked): Promise<Answer> {
    const { headers: own, requestTimeoutMs, signer } = this.#options;
    const { accept = json, waitMs } = request;
    const connections = waitMs === undefined ? this.#connections : this.#waiting;
    const question: Question = {
      ...request,
      headers: { ...own, ...request.headers, accept, 'x-request-id': requestId },
      withinMs: requestTimeoutMs + (waitMs ?? 0),
    };
    try {
      if (signer === undefined) return await connections.ask(question);
      const answer = await connections.ask(await signer.sign(question));
      if (!signer.corrects(answer)) return answer;
      // It was refused for its time alone, so nothing happened.
      return await connections.ask(await signer.sign(question));
    } catch (error) {
      throw error instanceof Unanswered ? unansweredError({ ...asked, requestId }, error) : error;
    }
  }
}

const json = 'application/json';
