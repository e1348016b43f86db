import { ProtocolError } from '../protocol/errors.ts';

/**
 * A write that may have happened, or may yet happen (I6): Kafka's REQUEST_TIMED_OUT. Never to be
 * caught and turned into a failure. `retryMayDuplicate` is false where a key or a producer
 * sequence makes repeating safe.
 */
export class OutcomeUnknown extends ProtocolError {
  override name = 'OutcomeUnknown';
  /** Of the command; where the server that was asked did not answer, the id of the request. */
  readonly commandId: string;
  readonly retryMayDuplicate: boolean;

  /** `why`: where it is not the store that did not answer. */
  constructor(
    commandId: string,
    retryMayDuplicate: boolean,
    why = 'the store did not answer in time',
  ) {
    const advice = retryMayDuplicate ? 'sending it again may do it twice' : 'send it again';
    super(
      'REQUEST_TIMED_OUT',
      `${why}, so the outcome is unknown; ${advice} command_id=${commandId}`,
    );
    this.commandId = commandId;
    this.retryMayDuplicate = retryMayDuplicate;
  }
}
