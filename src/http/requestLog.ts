import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler, Response } from "express";
import { pinoHttp } from "pino-http";
import type { Logger } from "../platform/logger.ts";

/** A request id of a client's or proxy's that is taken over; another is replaced by a UUID. */
const saneRequestId = /^[\w.:-]{1,64}$/;

/**
 * Writes one line a request, when it is answered: id, method, path, status, problem code and, for a 5xx, the error. No header, body or
 * query string: they hold tokens, codes and what people type. Every response gets an `X-Request-Id`.
 */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId(request, response) {
      const sent = request.headers["x-request-id"];
      const id = typeof sent === "string" && saneRequestId.test(sent) ? sent : randomUUID();
      response.setHeader("X-Request-Id", id);
      return id;
    },
    wrapSerializers: false,
    serializers: { req: requestFields, res: responseFields, err: errorFields },
    customLogLevel: (_request, { statusCode }, error) =>
      statusCode === 500 || error !== undefined ? "error" : statusCode > 500 ? "warn" : "info",
    autoLogging: { ignore: ({ url }) => url?.startsWith("/health/") ?? false },
  });
}

function requestFields(request: IncomingMessage) {
  return { id: request.id, method: request.method, path: request.url?.split("?", 1)[0] };
}

function responseFields(response: ServerResponse) {
  const problem: unknown = (response as Response).locals?.problem;
  return { status: response.statusCode, ...(problem === undefined ? {} : { problem }) };
}

/** Not all that an error carries: Postgres puts the values of a row into `detail`. */
function errorFields(error: Error & { readonly code?: unknown }) {
  return { type: error.name, message: error.message, errorCode: error.code, stack: error.stack };
}
