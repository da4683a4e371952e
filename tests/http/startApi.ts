import { createSecretKey } from "node:crypto";
import { Writable } from "node:stream";
import { pino } from "pino";
import { createAccessTokens } from "../../src/auth/accessTokens.ts";
import type { Role } from "../../src/auth/roles.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { openApiDocument } from "../../src/http/openapi/document.ts";
import { problemsOf } from "../../src/http/openapi/problemsOf.ts";
import { problemOf } from "../../src/http/problemOf.ts";
import { type AppOptions, createApp } from "../../src/http/server/app.ts";
import { serve } from "../../src/http/server/server.ts";
import { type Logger, loggerOptions } from "../../src/platform/logger.ts";
import { answerChecker } from "./openapi/answerChecker.ts";

export const tokenKeys = [
  { kid: "test", key: createSecretKey(Buffer.from("a secret of the tests, 32 bytes and more")) },
];
export const tokens = createAccessTokens(tokenKeys);
export const readerId = "01890a5d-ac96-774b-bcce-b302099a8057";

/** The header of a reader with these roles. */
export const bearer = (...roles: Role[]) => `Bearer ${tokens.issue({ readerId, roles }).accessToken}`;

/** A logger with the format of production, and its output. */
export function logToMemory(): { logger: Logger; text(): string; lines(): Record<string, unknown>[] } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const lines = () => text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  return { logger: pino(loggerOptions("test", "trace"), stream), text: () => text, lines };
}

/** The endpoint, which fails when it answers with a body or a problem that it did not declare. */
function keptToItsWord(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    async run(request) {
      const answer = await endpoint.run(request).catch((error: unknown) => {
        const { code } = problemOf(error);
        if (problemsOf(endpoint).includes(code)) throw error;
        throw new Error(`${endpoint.method} ${endpoint.path} does not declare ${code}`);
      });
      if (answer.stream !== undefined) return answer;
      const isJson = answer.contentType === "application/json";
      endpoint.response.parse(isJson ? JSON.parse(String(answer.body)) : answer.body);
      return answer;
    },
  };
}

type StartOptions = Partial<Omit<AppOptions, "endpoints" | "tokens">> & { readonly quietMs?: number };

/**
 * Serves `endpoints` through the production application on a free port, and checks their declarations: a response that violates
 * their OpenAPI document makes `fetch` reject.
 */
export async function startApi(endpoints: readonly Endpoint[], options: StartOptions = {}) {
  const { waitFor = async () => "current", logger = pino({ level: "silent" }), quietMs = 0, ...others } = options;
  const server = await serve(
    createApp({ ...others, endpoints: endpoints.map(keptToItsWord), tokens, waitFor, logger }),
    { host: "127.0.0.1", port: 0, logger, quietMs },
  );
  const url = `http://127.0.0.1:${server.port}`;
  const checker = answerChecker(openApiDocument(endpoints, "0.0.0"));
  return {
    url,
    close: server.close,
    /** Sends a request as the reader `readerId`; headers given here come last. */
    async fetch(path: string, init: Omit<RequestInit, "headers"> & { headers?: Record<string, string> } = {}) {
      const headers = { authorization: bearer("reader"), ...init.headers };
      const response = await fetch(`${url}${path}`, { ...init, headers });
      await checker.check(init.method ?? "GET", path, response.clone());
      return response;
    },
  };
}

/** A JSON body with its type. */
export const json = (body: unknown) => ({
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});
