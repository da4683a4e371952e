import type { RefusalCode } from "../domain/streams.ts";
import { ExpectedError } from "../platform/expectedError.ts";

// HandleCommand rejects with these too; http, cli and imports handle them without access to the event store.
export { isUnreadable } from "../event-store/codec.ts";
/** Re-exported so that an exhaustive mapping of errors to responses can be checked by the compiler. */
export * as eventStoreErrors from "../event-store/errors.ts";
export { AppendTooLarge, EventStoreUnavailable, OutcomeUnknown, StreamDeleted } from "../event-store/errors.ts";

/** The domain rules refuse the command; nothing was written. */
export class CommandRefused extends ExpectedError {
  override readonly name = "CommandRefused";
  readonly code: RefusalCode;
  constructor(code: RefusalCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** A field of a command that refers to something that does not exist: its path in the input, such as `entries.3.bookId`. */
export type MissingField = { readonly path: string; readonly message: string };

/** The library does not have the command's book. `fields` lists the fields at fault, for commands with several books. */
export class BookNotFound extends ExpectedError {
  override readonly name = "BookNotFound";
  readonly fields: readonly MissingField[] | undefined;
  constructor(message: string, fields?: readonly MissingField[]) {
    super(message);
    this.fields = fields;
  }
}

/**
 * No published edition of the book has had the chapter. `fields` lists the fields at fault, for commands with several chapters.
 */
export class ChapterNotFound extends ExpectedError {
  override readonly name = "ChapterNotFound";
  readonly fields: readonly MissingField[] | undefined;
  constructor(message: string, fields?: readonly MissingField[]) {
    super(message);
    this.fields = fields;
  }
}

/** Too many books had to be read for the reader's commands. Nothing was written; after `waitMs` any command may be sent again. */
export class TooManyBooks extends ExpectedError {
  override readonly name = "TooManyBooks";
  readonly waitMs: number;
  constructor(waitMs: number) {
    super(`Too many books had to be read; wait ${waitMs / 1_000} s.`);
    this.waitMs = waitMs;
  }
}

/** No key of the read model is parked because of the event: it was applied, waits behind another event, or never existed. */
export class ParkedEventNotFound extends ExpectedError {
  override readonly name = "ParkedEventNotFound";
}

/** The parked event can be applied now; only an event that is still refused can be skipped. */
export class ParkedEventNotRefused extends ExpectedError {
  override readonly name = "ParkedEventNotRefused";
}

/** The Idempotency-Key was used on this stream for a different command or different input. */
export class IdempotencyKeyReused extends ExpectedError {
  override readonly name = "IdempotencyKeyReused";
}

/**
 * Other writers won every time, or what they wrote could not be read in time. Nothing was written; the command may be sent
 * again.
 */
export class StreamBusy extends ExpectedError {
  override readonly name = "StreamBusy";
}
