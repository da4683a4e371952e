import type { RequestHandler } from "express";
import { RequestProblem } from "../problems.ts";

/** Refuses a request of HTTP/1.1 without a Host (RFC 9112, 3.2). Node would do so, without problem details. */
export const requireHost: RequestHandler = ({ headers, httpVersion }, _response, next) => {
  if (headers.host === undefined && httpVersion === "1.1") {
    throw new RequestProblem("malformed_http", "Send a Host header.", { headers: { Connection: "close" } });
  }
  next();
};
