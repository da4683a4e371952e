import type { Response } from "express";

/** What the handlers of one request leave for each other. */
type RequestLocals = {
  requestId: string;
  readerId?: string;
  /** The problem that the request was answered with, and for a 5xx the error behind it. */
  problem?: string;
  error?: Error;
};

/** The locals of a response, which express leaves untyped. */
export function localsOf(response: Response): RequestLocals {
  return response.locals as RequestLocals;
}
