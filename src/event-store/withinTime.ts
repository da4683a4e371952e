import { withTimeout } from "../platform/withTimeout.ts";
import { appendDeadlineMs, appendGraceMs } from "./appendTimes.ts";
import { OutcomeUnknown } from "./errors.ts";

/**
 * Limits what the official client does of an append or a tombstone: its deadline does not include connecting. Rejects with
 * OutcomeUnknown; a later response or error is dropped.
 */
export function withinTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const waitedMs = appendDeadlineMs + appendGraceMs;
  return withTimeout(answer, waitedMs, () => new OutcomeUnknown(`no answer to an append in ${waitedMs} ms`));
}
