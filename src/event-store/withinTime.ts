import { appendDeadlineMs, appendGraceMs } from "./appendTimes.ts";
import { OutcomeUnknown } from "./errors.ts";

/**
 * Limits what the official client does of an append or a tombstone: its deadline does not include connecting. Rejects with
 * OutcomeUnknown; a later response or error is dropped.
 */
export function withinTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const waitedMs = appendDeadlineMs + appendGraceMs;
    const timer = setTimeout(() => reject(new OutcomeUnknown(`no answer to an append in ${waitedMs} ms`)), waitedMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
