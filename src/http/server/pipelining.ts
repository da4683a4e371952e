import type { Socket } from "node:net";
import type { RequestHandler, Response } from "express";
import { isAnswerable } from "./connections.ts";

/** Requests without effects may run concurrently (RFC 9110, 9.2.1). */
const safe = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Runs pipelined requests of a connection in order, unless all of them are safe (RFC 9112, 9.3.2): a PUT whose body is still
 * being read is not overtaken by a DELETE without a body. Those that wait when their connection is lost are not run: the one before
 * may not have ended, and nobody would get the response.
 */
export function orderPipelined(): RequestHandler {
  const last = new WeakMap<Socket, Response>();
  return (request, response, next) => {
    const before = last.get(request.socket);
    last.set(request.socket, response);
    const isAlone = before === undefined || before.closed || before.writableFinished;
    if (isAlone || (safe.has(request.method) && safe.has(before.req.method))) return next();
    before.once("close", () => {
      if (isAnswerable(request)) next();
    });
  };
}
