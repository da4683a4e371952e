import { randomUUID } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { Logger } from "../../platform/logger.ts";
import { localsOf } from "../locals.ts";

/** A valid request id of a client or proxy is used; otherwise the request gets a UUID. */
const saneRequestId = /^[\w.:-]{1,64}$/;

/** A finished request; `src/metrics/requests.ts` describes the fields. */
export type AnsweredRequest = {
  readonly method: string;
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
  readonly outcome: string | undefined;
};

/**
 * Logs one line per request when it is answered or aborted: id, method, path, status, milliseconds, problem code and, for a
 * 5xx, a response that failed after it had begun or one without its side effect, the error. No headers, body or query string: they contain tokens, codes and
 * what people type. Every response gets an `X-Request-Id`. Health checks and metrics requests are neither logged nor reported to
 * `onAnswered`. (pino-http, with two child loggers per request, took twice as long.)
 */
export function requestLog(logger: Logger, onAnswered?: (answered: AnsweredRequest) => void): RequestHandler {
  return (request, response: Response, next) => {
    const sent = request.headers["x-request-id"];
    const requestId = typeof sent === "string" && saneRequestId.test(sent) ? sent : randomUUID();
    localsOf(response).requestId = requestId;
    response.setHeader("X-Request-Id", requestId);
    const { path } = request;
    if (!path.startsWith("/health/") && path !== "/metrics") {
      const started = performance.now();
      response.on("close", () => {
        const ms = performance.now() - started;
        writeLine(logger, request, response, ms);
        onAnswered?.(answered(request, response, ms));
      });
    }
    next();
  };
}

function answered(request: Request, response: Response, ms: number): AnsweredRequest {
  const { endpoint, outcome, problem, sideEffect } = localsOf(response);
  const ended = response.writableFinished ? (outcome ?? problem ?? "done") : "broken_off";
  return {
    method: request.method,
    route: endpoint?.path,
    status: response.statusCode,
    seconds: ms / 1_000,
    outcome: endpoint?.command === undefined ? sideEffect : ended,
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
    err: error,
  };
  if (!response.writableFinished) logger[error === undefined ? "info" : "error"](line, "request broken off");
  else if (status === 500) logger.error(line, "request failed");
  else if (status > 500) logger.warn(line, "request not served");
  else if (error !== undefined) logger.warn(line, "request answered without its side effect");
  else logger.info(line, "request answered");
}
