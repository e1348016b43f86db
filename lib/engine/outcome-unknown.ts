import { ProtocolError } from '../protocol/errors.ts';

/**
 * A write that may have happened, or may yet happen (I6): Kafka's REQUEST_TIMED_OUT. Never to be
 * caught and turned into a failure. `retryMayDuplicate` is false where a key or a producer
 * sequence makes repeating safe.
 */
export class OutcomeUnknown extends ProtocolError {
  override name = 'OutcomeUnknown';
  readonly commandId: string;
  readonly retryMayDuplicate: boolean;

  constructor(commandId: string, retryMayDuplicate: boolean) {
    const advice = retryMayDuplicate ? 'sending it again may append it twice' : 'send it again';
    super(
      'REQUEST_TIMED_OUT',
      `the store did not answer in time, so the outcome is unknown; ${advice} command_id=${commandId}`,
    );
    this.commandId = commandId;
    this.retryMayDuplicate = retryMayDuplicate;
  }
}
