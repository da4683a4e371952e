import { randomUUID } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { Logger } from "../platform/logger.ts";
import { localsOf } from "./locals.ts";

/** A request id of a client's or proxy's that is taken over; another is replaced by a UUID. */
const saneRequestId = /^[\w.:-]{1,64}$/;

/**
 * Writes one line a request, when it is answered or broken off: id, method, path, status, milliseconds, problem code and, for a
 * 5xx, the error. No header, body or query string: they hold tokens, codes and what people type. Every response gets an
 * `X-Request-Id`. Health checks are not logged. (pino-http, with two child loggers a
 * request, took twice the time of this.)
 */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response: Response, next) => {
    const sent = request.headers["x-request-id"];
    const requestId = typeof sent === "string" && saneRequestId.test(sent) ? sent : randomUUID();
    localsOf(response).requestId = requestId;
    response.setHeader("X-Request-Id", requestId);
    if (!request.path.startsWith("/health/")) {
      const started = performance.now();
      response.once("close", () => writeLine(logger, request, response, performance.now() - started));
    }
    next();
  };
}

function writeLine(logger: Logger, request: Request, response: Response, ms: number) {
  const { requestId, problem, error } = localsOf(response);
  const status = response.statusCode;
  const line = {
    requestId,
    method: request.method,
    path: request.originalUrl.split("?", 1)[0],
    status,
    ms: Math.round(ms * 10) / 10,
    problem,
    // Not all that an error carries: Postgres puts the values of a row into `detail`.
    err: error && { type: error.name, message: error.message, stack: error.stack, errorCode: codeOf(error) },
  };
  if (!response.writableFinished) logger.info(line, "request broken off");
  else if (status === 500) logger.error(line, "request failed");
  else if (status > 500) logger.warn(line, "request not served");
  else logger.info(line, "request answered");
}

function codeOf(error: Error): unknown {
  return "code" in error ? error.code : undefined;
}
