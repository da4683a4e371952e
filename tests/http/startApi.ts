import { createSecretKey } from "node:crypto";
import { Writable } from "node:stream";
import { pino } from "pino";
import { createAccessTokens } from "../../src/auth/accessTokens.ts";
import type { Role } from "../../src/auth/roles.ts";
import { createApp } from "../../src/http/app.ts";
import type { Endpoint, WaitFor } from "../../src/http/endpoint.ts";
import { problemOf } from "../../src/http/problemOf.ts";
import type { ProblemCode } from "../../src/http/problems.ts";
import { serve } from "../../src/http/server.ts";
import type { Logger } from "../../src/platform/logger.ts";

export const tokenKeys = [
  { kid: "test", key: createSecretKey(Buffer.from("a secret of the tests, 32 bytes and more")) },
];
export const tokens = createAccessTokens(tokenKeys);
export const readerId = "01890a5d-ac96-774b-bcce-b302099a8057";

/** The header of a reader with these roles. */
export const bearer = (...roles: Role[]) => `Bearer ${tokens.issue({ readerId, roles }).accessToken}`;

/** A logger that redacts nothing, and what it wrote. */
export function logToMemory(): { logger: Logger; text(): string; lines(): Record<string, unknown>[] } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const lines = () => text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  return { logger: pino({ level: "trace" }, stream), text: () => text, lines };
}

/** What any endpoint may answer beside the problems that it declares. */
const anyEndpoints: readonly ProblemCode[] = [
  "invalid_request",
  "internal_error",
  "dependency_unavailable",
  "token_invalid",
  "forbidden",
];

/** The endpoint, which fails when it answers with a body or a problem that it did not declare. */
function keptToItsWord(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    async run(request) {
      const answer = await endpoint.run(request).catch((error: unknown) => {
        const { code } = problemOf(error);
        if ([...endpoint.problems, ...anyEndpoints].includes(code)) throw error;
        throw new Error(`${endpoint.method} ${endpoint.path} does not declare ${code}`);
      });
      endpoint.response.parse(answer.body);
      return answer;
    },
  };
}

/** Serves `endpoints` through the real application on a free port, and holds them to what they declare. */
export async function startApi(endpoints: readonly Endpoint[], options: { waitFor?: WaitFor; logger?: Logger } = {}) {
  const { waitFor = async () => "current", logger = pino({ level: "silent" }) } = options;
  const server = await serve(
    createApp({ endpoints: endpoints.map(keptToItsWord), tokens, waitFor, logger }),
    "127.0.0.1",
    0,
  );
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    close: server.close,
    /** Sends a request as the reader `readerId`; headers given here come last. */
    fetch: (path: string, init: Omit<RequestInit, "headers"> & { headers?: Record<string, string> } = {}) =>
      fetch(`${url}${path}`, { ...init, headers: { authorization: bearer("reader"), ...init.headers } }),
  };
}

/** A JSON body with its type. */
export const json = (body: unknown) => ({
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});
