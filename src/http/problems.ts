import type { LoginProblem, ProfileProblem, RefreshProblem, TokenProblem } from "../auth/errors.ts";
import type { RefusalDefinitions } from "../domain/stream.ts";
import { type RefusalCode, streams } from "../domain/streams.ts";
import { ExpectedError } from "../platform/expectedError.ts";

/** `retryAfter` in seconds. `code`: the code that clients see, if two problems with different statuses share it. */
type ProblemKind = {
  readonly status: number;
  readonly title: string;
  readonly retryAfter?: number;
  readonly code?: string;
};

const statusOfRefusal = { missing: 404, conflict: 409, erased: 401 } as const;

/** Refusals are declared with their streams; a code that several streams declare is one problem. */
const refusals = Object.fromEntries(
  streams.flatMap((stream) =>
    Object.entries<RefusalDefinitions[string]>(stream.refusals).map(([code, { is, title }]) => [
      code,
      { status: statusOfRefusal[is], title },
    ]),
  ),
) as Readonly<Record<RefusalCode, ProblemKind>>;

/** All other problems of the API, by stable code. */
const others = {
  invalid_request: { status: 400, title: "A field of the request is not valid" },
  malformed_http: { status: 400, title: "The request is not valid HTTP" },
  malformed_json: { status: 400, title: "The body is not JSON" },
  malformed_url: { status: 400, title: "The URL cannot be decoded" },
  token_missing: { status: 401, title: "An access token is needed" },
  token_invalid: { status: 401, title: "The access token is not valid" },
  token_expired: { status: 401, title: "The access token has expired" },
  refresh_token_invalid: { status: 401, title: "The refresh token is not valid" },
  refresh_token_expired: { status: 401, title: "The refresh token has expired" },
  refresh_token_revoked: { status: 401, title: "The login of the refresh token was ended" },
  refresh_token_reused: { status: 401, title: "The refresh token was used before" },
  wechat_code_invalid: { status: 401, title: "The WeChat code is not valid" },
  wechat_code_used: { status: 401, title: "The WeChat code was used before" },
  forbidden: { status: 403, title: "The account lacks the role" },
  wechat_blocked: { status: 403, title: "WeChat has blocked the user" },
  not_found: { status: 404, title: "There is no resource at this URL" },
  login_not_found: { status: 404, title: "The reader has no such login" },
  book_not_found: { status: 404, title: "The library has no such book" },
  category_not_found: { status: 404, title: "The library has no such category" },
  import_not_found: { status: 404, title: "There is no such import" },
  chapter_not_found: { status: 404, title: "The book has no such chapter" },
  reader_not_found: { status: 404, title: "The log has no events of the reader" },
  replay_not_found: { status: 404, title: "The account has no such replay" },
  no_past_yet: { status: 404, title: "The reader had no events at that time" },
  read_model_not_found: { status: 404, title: "There is no such read model" },
  parked_event_not_found: { status: 404, title: "The event is not the first parked event of a key" },
  method_not_allowed: { status: 405, title: "The method is not allowed for this URL" },
  request_timeout: { status: 408, title: "The request did not arrive in time" },
  parked_event_not_refused: { status: 409, title: "The parked event is no longer refused" },
  rebuild_under_way: { status: 409, title: "A build with another partition count is in progress" },
  too_many_replays: { status: 409, title: "Too many replays are unfinished" },
  replay_not_done: { status: 409, title: "The replay has no files yet" },
  session_key_missing: { status: 409, title: "The WeChat session of the login has expired" },
  replay_expired: { status: 410, title: "The files of the replay were deleted" },
  book_withdrawn: { status: 410, title: "The book was withdrawn" },
  analytics_cursor_lost: { status: 410, title: "The snapshot of the previous page has expired" },
  search_cursor_lost: { status: 410, title: "The results of the search have expired" },
  changes_token_expired: { status: 410, code: "token_expired", title: "The token is too old to report deletions" },
  reader_was_erased: { status: 410, code: "reader_erased", title: "The reader was erased" },
  erased: { status: 410, title: "The resource was erased" },
  body_too_large: { status: 413, title: "The body is too large" },
  command_too_large: { status: 413, title: "The command writes more than one append may hold" },
  unsupported_media_type: { status: 415, title: "The media type of the body is not supported" },
  profile_undecryptable: { status: 422, title: "The profile cannot be decrypted" },
  profile_signature_invalid: { status: 422, title: "The profile is not signed for this session" },
  profile_of_another_app: { status: 422, title: "The profile was given to another mini-program" },
  profile_nickname_blank: { status: 422, title: "The nickname has no visible characters" },
  idempotency_key_reused: { status: 422, title: "The Idempotency-Key was used for another command" },
  headers_too_large: { status: 431, title: "The headers are too large" },
  too_many_requests: { status: 429, title: "Too many requests", retryAfter: 1 },
  wechat_rate_limited: { status: 429, title: "The user logs in too often", retryAfter: 60 },
  event_unreadable: { status: 500, title: "A stored event cannot be read" },
  internal_error: { status: 500, title: "An internal error occurred" },
  wechat_failed: { status: 502, title: "WeChat's response is not usable" },
  wechat_misconfigured: { status: 502, title: "WeChat refuses the mini-program's credentials" },
  wechat_busy: { status: 503, title: "WeChat is busy", retryAfter: 1 },
  wechat_unreachable: { status: 503, title: "WeChat did not answer", retryAfter: 1 },
  outcome_unknown: { status: 503, title: "The outcome of the command is unknown", retryAfter: 1 },
  stream_busy: { status: 503, title: "The stream is busy: concurrent commands kept winning", retryAfter: 1 },
  analytics_not_ready: { status: 503, title: "The analytics are being computed", retryAfter: 5 },
  exports_not_set_up: { status: 503, title: "Exports are not set up: there are no keys for pseudonyms" },
  read_model_not_live: { status: 503, title: "The read model is being built", retryAfter: 5 },
  search_unavailable: { status: 503, title: "Search is unavailable", retryAfter: 1 },
  server_busy: { status: 503, title: "Too many requests of this kind are queued", retryAfter: 1 },
  dependency_unavailable: { status: 503, title: "A dependency is unavailable", retryAfter: 1 },
} as const satisfies Record<
  Exclude<LoginProblem | ProfileProblem | RefreshProblem | TokenProblem, RefusalCode> | (string & {}),
  ProblemKind
>;

export const problems = { ...others, ...refusals };

export type ProblemCode = keyof typeof problems;
export const problemCodes = Object.keys(problems) as readonly ProblemCode[];

/** The stable code that clients see. */
export function shownCode(code: ProblemCode): string {
  const kind: ProblemKind = problems[code];
  return kind.code ?? code;
}

/** An invalid field: its path in the request, such as `bookId` or `Idempotency-Key`, and what is required. */
export type FieldError = { readonly path: string; readonly message: string };

/** A problem found by the HTTP layer itself. */
export class RequestProblem extends ExpectedError {
  override readonly name = "RequestProblem";
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  constructor(
    code: ProblemCode,
    detail: string,
    more: { errors?: readonly FieldError[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.code = code;
    this.errors = more.errors;
    this.headers = more.headers;
  }
}
