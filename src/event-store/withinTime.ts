import { withTimeout } from "../platform/withTimeout.ts";
import { appendDeadlineMs, appendGraceMs } from "./appendTimes.ts";
import { isNotLeader } from "./clientErrors.ts";
import { OutcomeUnknown } from "./errors.ts";

/**
 * Limits what the official client does of an append or a tombstone: its deadline does not include connecting. Rejects with
 * OutcomeUnknown; a later response or error is dropped.
 */
export function withinTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const waitedMs = appendDeadlineMs + appendGraceMs;
  return withTimeout(answer, waitedMs, () => new OutcomeUnknown(`no answer to an append in ${waitedMs} ms`));
}

/**
 * Sends a command of the official client, with a deadline in milliseconds, to the leader: what another node refuses had no effect, and
 * is sent again to the leader that it named. Limited as by `withinTime`.
 */
export function sendToLeader<Answer>(send: (deadlineMs: number) => Promise<Answer>): Promise<Answer> {
  return withinTime(sendUntilLed(send));
}

async function sendUntilLed<Answer>(send: (deadlineMs: number) => Promise<Answer>): Promise<Answer> {
  const until = performance.now() + appendDeadlineMs;
  for (let leftMs = appendDeadlineMs; ; leftMs = until - performance.now()) {
    try {
      return await send(leftMs);
    } catch (error) {
      if (!isNotLeader(error) || performance.now() >= until) throw error;
    }
  }
}
