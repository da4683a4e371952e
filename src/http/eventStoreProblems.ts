import { eventStoreErrors } from "../commands/errors.ts";
import type { ProblemCode } from "./problems.ts";

type Classes = typeof eventStoreErrors;
type ErrorName = {
  [Name in keyof Classes]: Classes[Name] extends abstract new (...given: never[]) => Error ? Name : never;
}[keyof Classes];

/** Every error of the event store, so that a new one does not compile before it has its problem. */
const problemsByError: Readonly<Record<ErrorName, { readonly code: ProblemCode; readonly detail: string }>> = {
  WrongExpectedRevision: { code: "stream_busy", detail: "Nothing was written; send the command again." },
  OutcomeUnknown: { code: "outcome_unknown", detail: "Send the command again with the same Idempotency-Key." },
  EventStoreUnavailable: { code: "dependency_unavailable", detail: "The event store does not answer." },
  InvalidPosition: {
    code: "dependency_unavailable",
    detail: "The event store holds another log than the read models.",
  },
  StreamDeleted: { code: "erased", detail: "It was erased for good; no repeat will help." },
  AppendTooLarge: { code: "command_too_large", detail: "Nothing was written; send it in parts." },
};

/** The problem that an error of the event store is answered with; undefined for any other error. */
export function eventStoreProblemOf(error: unknown) {
  const names = Object.keys(problemsByError) as ErrorName[];
  const name = names.find((name) => error instanceof eventStoreErrors[name]);
  return name && problemsByError[name];
}
