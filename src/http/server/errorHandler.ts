import type { ErrorRequestHandler } from "express";
import { answerCourseProblem, isCoursePath } from "../course/problems.ts";
import { localsOf } from "../locals.ts";
import { problemOf } from "../problemOf.ts";
import { problems, shownCode } from "../problems.ts";

/** Headers of a response that failed before its first piece, which do not describe the problem. */
const ofTheBody = ["Content-Length", "Content-Disposition", "ETag"];

/**
 * Responds to an error with problem details (RFC 9457), or in the course's format on its paths. For a 5xx the error is passed
 * on to the request's line in the log.
 */
export const errorHandler: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) return next(error);
  for (const name of ofTheBody) response.removeHeader(name);
  const { code, detail, errors, headers = {} } = problemOf(error);
  const { status, title, retryAfter }: { status: number; title: string; retryAfter?: number } = problems[code];
  const locals = localsOf(response);
  locals.problem = code;
  if (status >= 500 && error instanceof Error) locals.error = error;
  if (retryAfter !== undefined) response.setHeader("Retry-After", String(retryAfter));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (isCoursePath(request.path)) return answerCourseProblem(response, { code, detail });
  const body = {
    type: `urn:heima-literature:problem:${shownCode(code)}`,
    title,
    status,
    detail,
    code: shownCode(code),
    ...(errors === undefined ? {} : { errors }),
    instance: `urn:heima-literature:request:${locals.requestId}`,
  };
  response.status(status).setHeader("Content-Type", "application/problem+json; charset=utf-8");
  response.setHeader("Cache-Control", "no-store");
  response.end(JSON.stringify(body));
};
