import { InvalidEvent, UnknownEvent } from "../../../event-store/codec.ts";
import { HandlerFailed } from "./fold.ts";

/**
 * Whose fault a failed batch is. `refused`: of an event's contents (its handler throws, its body does not parse, or Postgres
 * refuses a value: SQLSTATE classes 22 and 23); `unknown`: this code does not know the event's type or version; `fault`:
 * of the store or the way to it, and worth another try for ever.
 */
export type Blame = "refused" | "unknown" | "fault";

export function blame(error: unknown): Blame {
  if (error instanceof UnknownEvent) return "unknown";
  if (error instanceof HandlerFailed || error instanceof InvalidEvent) return "refused";
  const sqlState = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^2[23][0-9A-Z]{3}$/.test(sqlState) ? "refused" : "fault";
}
