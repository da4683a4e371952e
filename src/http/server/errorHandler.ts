import type { ErrorRequestHandler } from "express";
import { answerCourseProblem, isCoursePath } from "../course/problems.ts";
import { localsOf } from "../locals.ts";
import { problemOf, realm } from "../problemOf.ts";
import { problems } from "../problems.ts";
import { problemDetails, problemHeaders } from "./problemDetails.ts";

/** Headers of a response that failed before its first piece, which do not describe the problem. */
const ofTheBody = ["Content-Length", "Content-Disposition", "ETag"];

/**
 * Responds to an error with problem details (RFC 9457), or in the course's format on its paths. A response that has begun is cut off
 * instead. For a 5xx the error is passed on to the request's line in the log.
 */
export const errorHandler: ErrorRequestHandler = (error: unknown, request, response, _next) => {
  const { code, detail, errors, headers = {} } = problemOf(error);
  const { status, retryAfter }: { status: number; retryAfter?: number } = problems[code];
  const locals = localsOf(response);
  locals.problem = code;
  if (status >= 500) locals.error = error;
  if (response.headersSent) return void request.socket.destroy();
  for (const name of ofTheBody) response.removeHeader(name);
  if (retryAfter !== undefined) response.setHeader("Retry-After", String(retryAfter));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (isCoursePath(request.path)) return answerCourseProblem(response, { code, detail });
  response.status(status);
  if (status === 401 && headers["WWW-Authenticate"] === undefined) response.setHeader("WWW-Authenticate", realm);
  for (const [name, value] of Object.entries(problemHeaders)) response.setHeader(name, value);
  response.end(JSON.stringify(problemDetails({ code, detail, errors }, locals.requestId)));
};
