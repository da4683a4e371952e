import type { Response } from "express";
import type { Endpoint, SideEffect } from "./endpoint.ts";
import { problems } from "./problems.ts";

/** Data shared by the handlers of one request. */
type RequestLocals = {
  requestId: string;
  /** Undefined until an endpoint was found for the URL. */
  endpoint: Endpoint | undefined;
  /** The outcome of a command. */
  outcome: "done" | "unchanged" | undefined;
  /** The outcome of a command that was a side effect: as above, or the code of a problem. */
  sideEffect: string | undefined;
  readerId: string | undefined;
  loginId: string | undefined;
  /**
   * The problem code of the response, and what was thrown for a 5xx or after the response had begun; or both of a side effect, if the
   * page is shown without it.
   */
  problem: string | undefined;
  error: unknown;
};

/** The initial locals. */
export const newLocals = (): RequestLocals => ({
  requestId: "",
  endpoint: undefined,
  outcome: undefined,
  sideEffect: undefined,
  readerId: undefined,
  loginId: undefined,
  problem: undefined,
  error: undefined,
});

/** The locals of a response, which Express leaves untyped. */
export function localsOf(response: Response): RequestLocals {
  return response.locals as RequestLocals;
}

/** Stores how a side effect of the request ended. */
export function noteSideEffect(response: Response, ended: SideEffect): void {
  const locals = localsOf(response);
  if ("outcome" in ended) {
    locals.sideEffect = ended.outcome;
    return;
  }
  locals.sideEffect = ended.problem;
  locals.problem = ended.problem;
  if (problems[ended.problem].status >= 500) locals.error = ended.error;
}
