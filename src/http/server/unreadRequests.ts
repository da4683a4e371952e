import { randomUUID } from "node:crypto";
import { type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../../platform/logger.ts";
import type { Problem } from "../problemOf.ts";
import { problems } from "../problems.ts";
import type { Connections } from "./connections.ts";
import { problemDetails, problemHeaders } from "./problemDetails.ts";
import { securityHeaderPairs } from "./securityHeaders.ts";

/** The maximum size of all headers of a request with its URL, in bytes: Node's default. */
export const maxHeaderSize = 16 * 1024;

/**
 * Answers what Node cannot read as a request, or what does not arrive in time, with problem details, and ends the connection. Such
 * a request has no route, and gets a line of its own in the log.
 */
export function answerUnread(server: Server, connections: Pick<Connections, "endWith">, logger: Logger): void {
  const answered = new WeakSet<Socket>();
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const problem = problemOfParser(error.code ?? "");
    if (problem === undefined) {
      socket.destroy();
      return;
    }
    // What arrives afterwards is an error again.
    if (answered.has(socket)) return;
    answered.add(socket);
    const requestId = randomUUID();
    const { status } = problems[problem.code];
    logger.info({ requestId, status, problem: problem.code, errorCode: error.code }, "request not read");
    connections.endWith(socket, responseText(problem, requestId));
  });
}

/** Undefined for the errors of a connection. */
function problemOfParser(errorCode: string): Problem | undefined {
  if (errorCode === "HPE_HEADER_OVERFLOW") {
    return { code: "headers_too_large", detail: `All headers together may have ${maxHeaderSize} bytes.` };
  }
  if (errorCode === "ERR_HTTP_REQUEST_TIMEOUT") {
    return { code: "request_timeout", detail: "The headers or the body did not arrive in time." };
  }
  if (!errorCode.startsWith("HPE_")) return undefined;
  return { code: "malformed_http", detail: "The request cannot be read as HTTP/1.1." };
}

function responseText(problem: Problem, requestId: string): string {
  const { status } = problems[problem.code];
  const body = JSON.stringify(problemDetails(problem, requestId));
  const headers = [
    ["X-Request-Id", requestId],
    ...securityHeaderPairs,
    ...Object.entries(problemHeaders),
    ["Content-Length", Buffer.byteLength(body)],
    ["Date", new Date().toUTCString()],
    ["Connection", "close"],
  ];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}\r\n${body}`;
}
