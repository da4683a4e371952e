import express, { type Express, type RequestHandler } from "express";
import type { AccessTokens } from "../../auth/accessTokens.ts";
import { requireNotErased } from "../../auth/erasure/requireNotErased.ts";
import { requireRole } from "../../auth/requireRole.ts";
import type { Logger } from "../../platform/logger.ts";
import type { WaitFor } from "../../projections/waitFor.ts";
import type { Answer, AreLive, Endpoint, IncomingRequest, Method } from "../endpoint.ts";
import { localsOf, noteSideEffect } from "../locals.ts";
import { RequestProblem } from "../problems.ts";
import { createQueryLimits } from "../queryLimits.ts";
import type { RateLimits } from "../rateLimits/rateLimits.ts";
import type { ResponseCache } from "../responseCacheTypes.ts";
import { combineHandlers } from "./combineHandlers.ts";
import { errorHandler } from "./errorHandler.ts";
import { orderPipelined } from "./pipelining.ts";
import { parseQuery } from "./queryString.ts";
import { bodyReaders } from "./requestBody.ts";
import { type AnsweredRequest, requestLog } from "./requestLog.ts";
import { requireHost } from "./requireHost.ts";
import { createRouters } from "./routers.ts";
import { securityHeaders } from "./securityHeaders.ts";
import { sendStream } from "./sendStream.ts";

/** Pages besides the endpoints, such as `/docs` and `/metrics`, by path; GET only. */
export type Pages = Readonly<Record<`/${string}`, RequestHandler>>;

/** Handlers for a path and everything below it, with their own access checks. */
export type Areas = Readonly<Record<`/${string}`, RequestHandler>>;

export type AppOptions = {
  readonly endpoints: readonly Endpoint[];
  readonly pages?: Pages;
  readonly areas?: Areas;
  readonly tokens: Pick<AccessTokens, "verify">;
  /** Returns whether a reader is erased, so that the reader's tokens are rejected; default: nobody is. */
  readonly isErased?: (readerId: string) => boolean;
  readonly waitFor: WaitFor;
  /** Default: all are live. */
  readonly areLive?: AreLive;
  /** Default: no cache; the limits also default to none. */
  readonly responseCache?: ResponseCache;
  readonly limits?: RateLimits;
  /** Proxies in front whose X-Forwarded-For is trusted: their number, or their addresses and networks. */
  readonly trustProxy?: number | readonly string[];
  readonly logger: Logger;
  /** Called after each request. */
  readonly onAnswered?: (answered: AnsweredRequest) => void;
};

/**
 * The HTTP application: routes for the endpoints, and problem details for everything else. A request passes only through the
 * request log, the security headers and its route, because this process is the bottleneck of the system.
 */
export function createApp(options: AppOptions): Express {
  const {
    endpoints,
    pages = {},
    areas = {},
    tokens,
    isErased = () => false,
    waitFor,
    areLive = async () => true,
    responseCache,
    limits,
    trustProxy = 0,
    logger,
    onAnswered,
  } = options;
  const app = express();
  app.disable("x-powered-by");
  app.enable("case sensitive routing");
  app.enable("strict routing");
  app.set("query parser", (text: string | null) => (text ? parseQuery(text) : {}));
  app.set("trust proxy", typeof trustProxy === "number" ? trustProxy : [...trustProxy]);
  const routers = createRouters();
  const queryLimits = createQueryLimits();

  for (const [path, ofPath] of byPath(endpoints)) {
    const route = routers.of(path).route(path);
    for (const endpoint of ofPath) {
      const readBody = endpoint.method === "get" ? [] : bodyReaders(endpoint);
      route[endpoint.method](
        combineHandlers([
          ...steps(endpoint.limit === "login" ? limits?.ofLogins : undefined),
          checkAccess(endpoint, tokens, isErased),
          ...steps(limitOf(endpoint, limits?.byReader)),
          ...readBody,
          answerWith(endpoint, { waitFor, areLive, queryLimits, responseCache }),
        ]),
      );
    }
    route.all(refuseMethod(ofPath.map(({ method }) => method)));
  }
  const first = [requestLog(logger, onAnswered), orderPipelined(), securityHeaders, requireHost];
  app.use(combineHandlers([...first, ...steps(limits?.byAddress), routers.handler]));
  for (const [path, page] of Object.entries(pages)) app.get(path, page).all(path, refuseMethod(["get"]));
  for (const [path, area] of Object.entries(areas)) app.use(path, area);
  app.use(() => {
    throw new RequestProblem("not_found", "There is no such resource.");
  });
  app.use(errorHandler);
  return app;
}

/** The reader's rate limit, for endpoints that know the reader. */
function limitOf({ access, readerOf }: Endpoint, byReader: RequestHandler | undefined): RequestHandler | undefined {
  if (access !== "open") return byReader;
  if (readerOf === undefined || byReader === undefined) return undefined;
  return (request, response, next) =>
    localsOf(response).readerId === undefined ? next() : byReader(request, response, next);
}

const steps = (step: RequestHandler | undefined) => (step === undefined ? [] : [step]);

/** Before the body is read: an unauthenticated client must not make us read 256 KiB. */
function checkAccess(
  endpoint: Endpoint,
  tokens: AppOptions["tokens"],
  isErased: (readerId: string) => boolean,
): RequestHandler {
  const { access, readerOf, erasedToo = false } = endpoint;
  if (readerOf !== undefined) {
    return async (request, response, next) => {
      const locals = localsOf(response);
      locals.endpoint = endpoint;
      locals.readerId = await readerOf(request.headers.authorization);
      next();
    };
  }
  return (request, response, next) => {
    const locals = localsOf(response);
    locals.endpoint = endpoint;
    if (access !== "open") {
      const { readerId, loginId } = requireRole(tokens, request.headers.authorization, access);
      if (!erasedToo) requireNotErased(isErased, readerId);
      locals.readerId = readerId;
      locals.loginId = loginId;
    }
    next();
  };
}

function answerWith(
  endpoint: Endpoint,
  queries: Pick<IncomingRequest, "waitFor" | "areLive" | "queryLimits" | "responseCache">,
): RequestHandler {
  return async (request, response) => {
    const locals = localsOf(response);
    const answer: Answer = await endpoint.run({
      params: request.params,
      query: request.query,
      body: request.body,
      readerId: locals.readerId,
      loginId: locals.loginId,
      requestId: locals.requestId,
      isHead: request.method === "HEAD",
      address() {
        return request.ip ?? "";
      },
      // The Host header is untrusted: it is only used in the response to its sender.
      origin: `${request.protocol}://${request.host}`,
      waitFor: queries.waitFor,
      areLive: queries.areLive,
      onSideEffect: (ended) => noteSideEffect(response, ended),
      queryLimits: queries.queryLimits,
      responseCache: queries.responseCache,
      headers: request.headers,
    });
    response.statusCode = answer.status ?? 200;
    if (answer.outcome !== undefined) locals.outcome = answer.outcome;
    const { headers } = answer;
    for (const name in headers) response.setHeader(name, headers[name] ?? "");
    if (answer.stream !== undefined) {
      response.setHeader("Content-Type", answer.contentType ?? "application/json; charset=utf-8");
      await sendStream(response, answer.stream);
    } else if (answer.contentType !== undefined) {
      // With Express's ETag, unless the response has its own.
      response.type(answer.contentType).send(answer.body);
    } else if (endpoint.method === "get") {
      // With an ETag, and 304 if the client has the same.
      response.json(answer.body);
    } else {
      response.setHeader("Content-Type", "application/json; charset=utf-8");
      response.end(JSON.stringify(answer.body));
    }
  };
}

function refuseMethod(methods: readonly Method[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()])).join(", ");
  return () => {
    throw new RequestProblem("method_not_allowed", `This URL takes ${allowed}.`, { headers: { Allow: allowed } });
  };
}

/**
 * The endpoints by path in Express syntax. `/v1/shelf/order` comes before `/v1/shelf/{bookId}`, which would match it too: of
 * two paths that may match the same URL, the one with a fixed part at the first difference is first.
 */
function byPath(endpoints: readonly Endpoint[]): ReadonlyMap<string, readonly Endpoint[]> {
  const parameters = ({ path }: Endpoint) => path.replace(/[^/]+/g, (part) => (part.startsWith("{") ? "1" : "0"));
  const sorted = [...endpoints].sort((a, b) => compare(parameters(a), parameters(b)));
  const paths = new Map<string, Endpoint[]>();
  for (const endpoint of sorted) {
    const path = expressPath(endpoint.path);
    paths.set(path, [...(paths.get(path) ?? []), endpoint]);
  }
  return paths;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** `/v1/shelf/{bookId}` in Express syntax. */
function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}
