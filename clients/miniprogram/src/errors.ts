import type { Problem } from "./api.js";

/** The stable codes of the API, and five of this client's own. */
export type ErrorCode =
  | Problem["code"]
  /** No answer came, again and again. Whether a command was done is not known. */
  | "network_error"
  /** `wx.login` gave no code. */
  | "login_failed"
  /** Another reader is logged in than the one for whom it was to be sent; nothing was sent as the other one. */
  | "reader_changed"
  /** The reader for whom it was to be sent has logged out or was erased, or the session has ended; nothing was sent, and nobody logged in. */
  | "logged_out"
  /** Something answered that is not this API: a proxy's page, say, of whatever status. */
  | "unexpected_answer";

/** Why a request failed. Decide by `code`; `message` is for developers, not for readers. */
export class HeimaError extends Error {
  readonly code: ErrorCode;
  /** The HTTP status, 0 if there was no answer. */
  readonly status: number;
  /** With `invalid_request`: the path of each bad field and what it must be. */
  readonly errors: readonly { path: string; message: string }[];
  /** The X-Request-Id of the answer: name it when you report a fault. */
  readonly requestId: string | undefined;
  /** How long the server asks to wait, 0 if it does not say. */
  readonly retryAfterMs: number;

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      status?: number;
      errors?: HeimaError["errors"];
      requestId?: string | undefined;
      retryAfterMs?: number;
    } = {},
  ) {
    super(message);
    this.name = "HeimaError";
    this.code = code;
    this.status = more.status ?? 0;
    this.errors = more.errors ?? [];
    this.requestId = more.requestId;
    this.retryAfterMs = more.retryAfterMs ?? 0;
  }
}

/** Throws a HeimaError unless an answer has the form of the API's: a proxy may answer with a JSON object of its own. */
export function requireAnswerOfApi(hasItsForm: boolean): void {
  if (!hasItsForm) throw new HeimaError("unexpected_answer", "The answer is not the API's.");
}
