import type { ErrorRequestHandler } from "express";
import { answerCourseProblem, isCoursePath } from "./course/problems.ts";
import { localsOf } from "./locals.ts";
import { problemOf } from "./problemOf.ts";
import { problems, shownCode } from "./problems.ts";

/**
 * Answers an error with problem details (RFC 9457), or as the course does at its paths. Only a 5xx is an event for the log; its
 * error is left for the request's line there.
 */
export const errorHandler: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) return next(error);
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
