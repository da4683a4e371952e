import type { Response } from "express";
import type { Endpoint } from "./endpoint.ts";

/** What the handlers of one request leave for each other. */
type RequestLocals = {
  requestId: string;
  /** Undefined as long as no endpoint was found for the URL. */
  endpoint: Endpoint | undefined;
  /** How a command that was carried out ended. */
  outcome: "done" | "unchanged" | undefined;
  readerId: string | undefined;
  loginId: string | undefined;
  /** The problem that the request was answered with, and for a 5xx the error behind it. */
  problem: string | undefined;
  error: Error | undefined;
};

/** Those of a response to which nobody has left anything yet. */
export const newLocals = (): RequestLocals => ({
  requestId: "",
  endpoint: undefined,
  outcome: undefined,
  readerId: undefined,
  loginId: undefined,
  problem: undefined,
  error: undefined,
});

/** The locals of a response, which express leaves untyped. */
export function localsOf(response: Response): RequestLocals {
  return response.locals as RequestLocals;
}
