import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import express, { type Express, type RequestHandler, type Response } from "express";
import type { AccessTokens } from "../auth/accessTokens.ts";
import { requireNotErased } from "../auth/erasure/requireNotErased.ts";
import { requireRole } from "../auth/requireRole.ts";
import type { Logger } from "../platform/logger.ts";
import type { Answer, AreLive, Endpoint, IncomingRequest, Method, ResponseCache, WaitFor } from "./endpoint.ts";
import { errorHandler } from "./errorHandler.ts";
import { inOrder } from "./inOrder.ts";
import { inSequence } from "./inSequence.ts";
import { localsOf } from "./locals.ts";
import { RequestProblem } from "./problems.ts";
import { parseQuery } from "./queryString.ts";
import type { RateLimits } from "./rateLimits/rateLimits.ts";
import { bodyReaders } from "./requestBody.ts";
import { type AnsweredRequest, requestLog } from "./requestLog.ts";
import { createRouters } from "./routers.ts";
import { securityHeaders } from "./securityHeaders.ts";

/** What is served beside the endpoints: `/docs`, `/metrics` and the like, by path; GET only. */
export type Pages = Readonly<Record<`/${string}`, RequestHandler>>;

/** What answers for itself at a path and below it, with its own checks of access. */
export type Areas = Readonly<Record<`/${string}`, RequestHandler>>;

export type AppOptions = {
  readonly endpoints: readonly Endpoint[];
  readonly pages?: Pages;
  readonly areas?: Areas;
  readonly tokens: Pick<AccessTokens, "verify">;
  /** Whether a reader is erased, so that the tokens are not taken any more; nobody is unless given. */
  readonly isErased?: (readerId: string) => boolean;
  readonly waitFor: WaitFor;
  /** All of them unless given. */
  readonly areLive?: AreLive;
  /** None unless given, as are the limits. */
  readonly responseCache?: ResponseCache;
  readonly limits?: RateLimits;
  /** Proxies in front whose X-Forwarded-For says the client's address: their number, or their addresses and networks. */
  readonly trustProxy?: number | readonly string[];
  readonly logger: Logger;
  /** Is told of every request when it is over. */
  readonly onAnswered?: (answered: AnsweredRequest) => void;
};

/**
 * The HTTP application: the endpoints as routes, and problem details for everything else. A request passes the log, the
 * security headers and its route, nothing more: this process is what limits the system.
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

  for (const [path, ofPath] of byPath(endpoints)) {
    const route = routers.of(path).route(path);
    for (const endpoint of ofPath) {
      const readBody = endpoint.method === "get" ? [] : bodyReaders(endpoint);
      route[endpoint.method](
        inSequence([
          ...steps(endpoint.limit === "login" ? limits?.ofLogins : undefined),
          checkAccess(endpoint, tokens, isErased),
          ...steps(limitOf(endpoint, limits?.byReader)),
          ...readBody,
          answerWith(endpoint, { waitFor, areLive, responseCache }),
        ]),
      );
    }
    route.all(refuseMethod(ofPath.map(({ method }) => method)));
  }
  const first = [requestLog(logger, onAnswered), inOrder(), securityHeaders(), ...steps(limits?.byAddress)];
  app.use(inSequence([...first, routers.handler]));
  for (const [path, page] of Object.entries(pages)) app.get(path, page).all(path, refuseMethod(["get"]));
  for (const [path, area] of Object.entries(areas)) app.use(path, area);
  app.use(() => {
    throw new RequestProblem("not_found", "There is no such resource.");
  });
  app.use(errorHandler);
  return app;
}

/** The limit of readers, for those of an endpoint that has any. */
function limitOf({ access, readerOf }: Endpoint, byReader: RequestHandler | undefined): RequestHandler | undefined {
  if (access !== "open") return byReader;
  if (readerOf === undefined || byReader === undefined) return undefined;
  return (request, response, next) =>
    localsOf(response).readerId === undefined ? next() : byReader(request, response, next);
}

const steps = (step: RequestHandler | undefined) => (step === undefined ? [] : [step]);

/** Comes before the body is read: nobody unknown makes us read 256 KiB. */
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
  { waitFor, areLive, responseCache }: Pick<IncomingRequest, "waitFor" | "areLive" | "responseCache">,
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
      address: () => request.ip ?? "",
      // The Host header may say anything: it goes back to who sent it, and nowhere else.
      origin: `${request.protocol}://${request.host}`,
      waitFor,
      areLive,
      responseCache,
      headers: request.headers,
    });
    response.statusCode = answer.status ?? 200;
    if (answer.outcome !== undefined) locals.outcome = answer.outcome;
    const { headers } = answer;
    for (const name in headers) response.setHeader(name, headers[name] ?? "");
    if (answer.stream !== undefined) await sendStream(response, answer.stream);
    else if (answer.contentType !== undefined) {
      // With an ETag of express's, unless the answer has its own.
      response.type(answer.contentType).send(answer.body);
    } else if (endpoint.method === "get") {
      // With an ETag, and 304 when the client has the same.
      response.json(answer.body);
    } else {
      response.setHeader("Content-Type", "application/json; charset=utf-8");
      response.end(JSON.stringify(answer.body));
    }
  };
}

/** Nothing is sent before the first piece is there, so that what fails until then is answered as a problem. */
async function sendStream(response: Response, pieces: AsyncIterable<string>): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  const all = async function* () {
    if (!first.done) yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  await pipeline(Readable.from(all()), response);
}

function refuseMethod(methods: readonly Method[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()])).join(", ");
  return () => {
    throw new RequestProblem("method_not_allowed", `This URL takes ${allowed}.`, { headers: { Allow: allowed } });
  };
}

/**
 * The endpoints of each path, as express writes it. `/v1/shelf/order` comes before `/v1/shelf/{bookId}`, which would match
 * it too: of two paths that may both match, the one whose first difference is a fixed part.
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

/** `/v1/shelf/{bookId}` as express writes it. */
function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}
