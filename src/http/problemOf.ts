import { AccountGone } from "../auth/accountGone.ts";
import { ErasedReadersUnknown } from "../auth/erasure/erasedReaders.ts";
import { LoginRefused, ProfileRefused, RefreshRefused, RoleMissing, TokenRefused } from "../auth/errors.ts";
import {
  BookNotFound,
  ChapterNotFound,
  CommandRefused,
  IdempotencyKeyReused,
  isUnreadable,
  ParkedEventNotFound,
  ParkedEventNotRefused,
  StreamBusy,
  TooManyBooks,
} from "../commands/errors.ts";
import { TooManyWaiting } from "../platform/concurrencyLimit.ts";
import { SearchCursorLost, SearchUnavailable } from "../queries/search/booksIndex.ts";
import { outageOf } from "./dependencyErrors.ts";
import { eventStoreProblemOf } from "./eventStoreProblems.ts";
import { type FieldError, type ProblemCode, RequestProblem } from "./problems.ts";

/** The public part of an error. */
export type Problem = {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

/** The problem for an error. Unexpected errors become `internal_error`; their message goes only to the log. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RequestProblem) return { ...pick(error), errors: error.errors, headers: error.headers };
  if (error instanceof TokenRefused) return { ...pick(error), headers: { "WWW-Authenticate": challenge(error) } };
  if (error instanceof AccountGone) return problemOf(new TokenRefused("token_invalid", error.message));
  if (error instanceof ErasedReadersUnknown) return { code: "dependency_unavailable", detail: error.message };
  if (error instanceof RoleMissing) return { code: "forbidden", detail: error.message };
  if (
    error instanceof LoginRefused ||
    error instanceof ProfileRefused ||
    error instanceof RefreshRefused ||
    error instanceof CommandRefused
  )
    return pick(error);
  if (error instanceof BookNotFound)
    return { code: "book_not_found", detail: "The library has no book with this id.", errors: error.fields };
  if (error instanceof ChapterNotFound)
    return { code: "chapter_not_found", detail: "The book has no chapter with this id.", errors: error.fields };
  if (error instanceof ParkedEventNotFound) return { code: "parked_event_not_found", detail: error.message };
  if (error instanceof ParkedEventNotRefused) return { code: "parked_event_not_refused", detail: error.message };
  if (error instanceof IdempotencyKeyReused) {
    return { code: "idempotency_key_reused", detail: "Send another Idempotency-Key with another command." };
  }
  if (error instanceof StreamBusy)
    return { code: "stream_busy", detail: "Nothing was written; send the command again." };
  if (error instanceof TooManyBooks) {
    const headers = { "Retry-After": String(Math.ceil(error.waitMs / 1_000)) };
    return { code: "too_many_requests", detail: error.message, headers };
  }
  if (error instanceof SearchUnavailable) return { code: "search_unavailable", detail: error.message };
  if (error instanceof SearchCursorLost) return { code: "search_cursor_lost", detail: error.message };
  if (error instanceof TooManyWaiting) return { code: "server_busy", detail: "Nothing was done; send it again later." };
  const ofEventStore = eventStoreProblemOf(error);
  if (ofEventStore !== undefined) return ofEventStore;
  if (isUnreadable(error))
    return { code: "event_unreadable", detail: "Nothing was written; the server's log names the event. Do not retry." };
  const outage = outageOf(error);
  if (outage !== undefined) return { code: "dependency_unavailable", detail: outage };
  return (
    unreadable(error) ?? { code: "internal_error", detail: "The server's log has the error under this request's id." }
  );
}

function pick({ code, message }: { code: ProblemCode; message: string }): Problem {
  return { code, detail: message };
}

/** The `WWW-Authenticate` of a 401, which every one has (RFC 9110, 15.5.2), also where no access token is taken. */
export const realm = 'Bearer realm="heima-literature"';

/** RFC 6750: a request without a token only learns how to send one. */
function challenge({ code, message }: TokenRefused): string {
  return code === "token_missing" ? realm : `${realm}, error="invalid_token", error_description="${message}"`;
}

/** The errors of Express and its body parser for unreadable requests: they have a `status` of 4xx. */
function unreadable(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !("status" in error)) return undefined;
  if (error instanceof URIError) return { code: "malformed_url", detail: "A part of the path is not valid UTF-8." };
  switch (error.status) {
    case 413:
      return {
        code: "body_too_large",
        detail: "A body may have 256 KiB, one for which no token is needed 8 KiB, an upload 32 MiB.",
      };
    case 415:
      return { code: "unsupported_media_type", detail: "Send application/json in UTF-8." };
    case 400:
      return { code: "malformed_json", detail: "The body cannot be read as JSON." };
    default:
      return undefined;
  }
}
