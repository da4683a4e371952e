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

/** A field of a command that names what is not there: its path in what was sent, such as `entries.3.bookId`. */
export type MissingField = { readonly path: string; readonly message: string };

/** The book of a command is not in the library. `fields` are those that name such a book, where a command has many. */
export class BookNotFound extends ExpectedError {
  override readonly name = "BookNotFound";
  readonly fields: readonly MissingField[] | undefined;
  constructor(message: string, fields?: readonly MissingField[]) {
    super(message);
    this.fields = fields;
  }
}

/** No published edition of the book has had the chapter. `fields` are those that name such a chapter, where a command has many. */
export class ChapterNotFound extends ExpectedError {
  override readonly name = "ChapterNotFound";
  readonly fields: readonly MissingField[] | undefined;
  constructor(message: string, fields?: readonly MissingField[]) {
    super(message);
    this.fields = fields;
  }
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
