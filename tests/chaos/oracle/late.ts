import type { Acknowledged, Refused } from "../load/journal.ts";
import type { LoggedEvent } from "./log.ts";
import { asText, longAgo, type Replay } from "./replay.ts";

/**
 * A command that wrote nothing is not remembered: a repeat is decided anew (docs/api.md). So an attempt that its sender had
 * abandoned, decided after the answered one, may write what the answered one did not. Returns what in the log contradicts this
 * explanation, or undefined if it holds: an earlier attempt was abandoned, the answer was right at its time, `written` came after
 * it and once, and is what the stream decided in its state at that time.
 */
export function whyNotLate(
  told: Acknowledged | Refused,
  written: readonly LoggedEvent[],
  replay: Replay,
): string | undefined {
  if (told.sentAt.length < 2) return "no try of it was given up";
  const [first] = written;
  const before = first === undefined ? -1 : replay.events.indexOf(first);
  if (first === undefined || before < 0) return "it was written into another stream";
  if (written.some((event, index) => replay.events[before + index] !== event)) return "its events are not together";
  const { commandId, occurredAt } = first;
  const decided = replay.decide(told.command, before, { commandId, at: occurredAt });
  if (!("events" in decided) || decided.events.join() !== written.map(asText).join())
    return `the stream decided ${JSON.stringify(decided)} before it`;
  return "code" in told ? whyNotAfterRefusal(told, first, before, replay) : whyNotAfterNothing(told, first, replay);
}

/** A command that changed nothing names the event of the stream at which it was decided. */
function whyNotAfterNothing(told: Acknowledged, first: LoggedEvent, replay: Replay): string | undefined {
  const at = told.position === null ? -1n : BigInt(told.position);
  if (first.position <= at) return `it was written at ${first.position}, and the answer is of ${at}`;
  const then = replay.decide(told.command, replay.countTo(at), {
    commandId: told.commandId,
    at: longAgo,
  });
  if ("events" in then && then.events.length === 0) return undefined;
  return `at ${at} there was something to do: ${JSON.stringify(then)}`;
}

/** A refusal has no position: it was decided between the last attempt and the answer, by a clock that no fault shifts. */
function whyNotAfterRefusal(told: Refused, first: LoggedEvent, before: number, replay: Replay): string | undefined {
  const asked = told.sentAt.at(-1) ?? "";
  if (first.created.toISOString() < asked)
    return `it was written at ${first.created.toISOString()}, and refused after ${asked}`;
  for (let count = before; count >= 0; count--) {
    const then = replay.decide(told.command, count, { commandId: told.commandId, at: longAgo });
    if ("refused" in then && then.refused === told.code) return undefined;
  }
  return `no earlier state refuses it with ${told.code}`;
}
