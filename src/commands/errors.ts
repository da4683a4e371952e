import type { RefusalCode } from "../domain/streams.ts";
import { ExpectedError } from "../platform/expectedError.ts";

/** All of them, so that who answers them can be made to know each. */
export * as eventStoreErrors from "../event-store/errors.ts";
// What HandleCommand rejects with too: http, cli and imports tell it, and do not see the event store.
export { AppendTooLarge, EventStoreUnavailable, OutcomeUnknown, StreamDeleted } from "../event-store/errors.ts";

/** The rules of the domain refuse the command; nothing was written. */
export class CommandRefused extends ExpectedError {
  override readonly name = "CommandRefused";
  readonly code: RefusalCode;
  constructor(code: RefusalCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The book of a command is not in the library. */
export class BookNotFound extends ExpectedError {
  override readonly name = "BookNotFound";
}

/** No key of the read model is parked because of the event: it was folded, waits behind another, or was never there. */
export class ParkedEventNotFound extends ExpectedError {
  override readonly name = "ParkedEventNotFound";
}

/** The parked event would be folded now; only one that is refused can be skipped. */
export class ParkedEventNotRefused extends ExpectedError {
  override readonly name = "ParkedEventNotRefused";
}

/** The Idempotency-Key was used before on this stream for another command, or for one that said something else. */
export class IdempotencyKeyReused extends ExpectedError {
  override readonly name = "IdempotencyKeyReused";
}

/**
 * Other writers were faster each time, or what they wrote could not be read in time: nothing was written, and the
 * same command may be sent again.
 */
export class StreamBusy extends ExpectedError {
  override readonly name = "StreamBusy";
}
