import { eventStoreErrors } from "../commands/errors.ts";
import type { ProblemCode } from "./problems.ts";

type Classes = typeof eventStoreErrors;
type ErrorName = {
  [Name in keyof Classes]: Classes[Name] extends abstract new (...given: never[]) => Error ? Name : never;
}[keyof Classes];

/** Exhaustive, so that a new error of the event store does not compile without a problem. */
const problemsByError: Readonly<Record<ErrorName, { readonly code: ProblemCode; readonly detail: string }>> = {
  WrongExpectedRevision: { code: "stream_busy", detail: "Nothing was written; send the command again." },
  OutcomeUnknown: { code: "outcome_unknown", detail: "Send the command again with the same Idempotency-Key." },
  EventStoreUnavailable: { code: "dependency_unavailable", detail: "The event store does not respond." },
  InvalidPosition: {
    code: "dependency_unavailable",
    detail: "The event store has another log than the one from which the read models were built.",
  },
  StreamDeleted: { code: "erased", detail: "The stream was erased permanently; do not retry." },
  AppendTooLarge: { code: "command_too_large", detail: "Nothing was written; send it in parts." },
};

/** The problem for an error of the event store; undefined for any other error. */
export function eventStoreProblemOf(error: unknown) {
  const names = Object.keys(problemsByError) as ErrorName[];
  const name = names.find((name) => error instanceof eventStoreErrors[name]);
  return name && problemsByError[name];
}
