import type { Response } from "express";
import type { Endpoint } from "./endpoint.ts";

/** Data shared by the handlers of one request. */
type RequestLocals = {
  requestId: string;
  /** Undefined until an endpoint was found for the URL. */
  endpoint: Endpoint | undefined;
  /** The outcome of a command. */
  outcome: "done" | "unchanged" | undefined;
  readerId: string | undefined;
  loginId: string | undefined;
  /** The problem code of the response, and what was thrown for a 5xx or after the response had begun. */
  problem: string | undefined;
  error: unknown;
};

/** The initial locals. */
export const newLocals = (): RequestLocals => ({
  requestId: "",
  endpoint: undefined,
  outcome: undefined,
  readerId: undefined,
  loginId: undefined,
  problem: undefined,
  error: undefined,
});

/** The locals of a response, which Express leaves untyped. */
export function localsOf(response: Response): RequestLocals {
  return response.locals as RequestLocals;
}
