import type { HeimaError } from "./errors.js";

/** What the failure of a batch means for what waits in the queue. */
export type Verdict =
  /** Its reader was erased, or another one is logged in: all entries go. */
  | "drop"
  /** Nobody is logged in. The entries wait until somebody is: then they are sent as theirs, or dropped. */
  | "waitForLogin"
  /** The Idempotency-Key is used up: the entries are sent under another. */
  | "newKey"
  /** The server does not take what is in the batch; the others go on. */
  | "refused"
  /** The server takes nothing from who sends it. The entries wait for the next `flush`. */
  | "stopped"
  /** It may pass: the batch is sent again. */
  | "retryLater";

/** Refusals of what is in a batch; the others are of who sends it. */
const ofContent = [400, 404, 409, 410, 413, 415, 422];

/** Decides by the code, or else by the status. */
export function verdictOf({ code, status }: Pick<HeimaError, "code" | "status">): Verdict {
  switch (code) {
    case "reader_erased":
    case "erased":
    case "reader_changed":
      return "drop";
    case "logged_out":
      return "waitForLogin";
    case "idempotency_key_reused":
      return "newKey";
    // A proxy's page says nothing about the batch, whatever its status.
    case "unexpected_answer":
      return "retryLater";
  }
  if (ofContent.indexOf(status) >= 0) return "refused";
  return status >= 400 && status < 500 && status !== 429 ? "stopped" : "retryLater";
}
