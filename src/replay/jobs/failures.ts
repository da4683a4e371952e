import { codeOf, meansRefusal } from "../../platform/outageCodes.ts";
import { ReplayRefused } from "../replayRefused.ts";

/** Returns whether a replay would fail in the same way again: it is refused, Postgres refuses a value, or the code is at fault. */
export function isPermanent(error: unknown): boolean {
  return (
    error instanceof ReplayRefused ||
    meansRefusal(codeOf(error)) ||
    [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind)
  );
}

/** The reason shown to the analyst. Messages of internal errors are only in the log: they reveal details of our stores. */
export function shownReason(error: unknown): string {
  if (error instanceof ReplayRefused) return error.message;
  if (isPermanent(error)) return "an error of the server, whose log has it under the id of the replay";
  if (codeOf(error) === "ENOSPC" || /No space left/.test(String(error))) return "the disk of the server is full";
  return "a store of the server does not answer, or another error that may pass";
}
