import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { CourseTokens } from "../../auth/courseTokens.ts";
import { TokenRefused } from "../../auth/errors.ts";
import type { CommandContext, CommandResult } from "../../commands/types.ts";
import { decodeConsistencyTokens } from "../../domain/consistencyToken.ts";
import type { ConcurrencyLimit } from "../../platform/concurrencyLimit.ts";
import { commandContext } from "../commandContext.ts";
import { outcomeOf } from "../commandEndpoint.ts";
import { type Answer, type Endpoint, endpoint, type IncomingRequest, type ReadModelName } from "../endpoint.ts";
import { countsMaxAgeMs, heatMaxAgeMs } from "../library/maxAges.ts";
import { problemOf } from "../problemOf.ts";
import { type ProblemCode, problems, RequestProblem } from "../problems.ts";
import { privateCaching } from "../queryEndpoint.ts";
import type { Costly } from "../queryLimits.ts";
import type { Question } from "../responseCacheTypes.ts";

/** The permitted senders of a request. With `anybody` the token is optional, and an invalid one is ignored. */
type Who = "reader" | "anybody";

type CourseRequest<W extends Who, Params, Query, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly readerId: W extends "reader" ? string : string | undefined;
  readonly incoming: IncomingRequest;
};

type CourseDeclaration<
  W extends Who,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Response extends z.ZodType,
> = {
  readonly method: "get" | "post" | "delete";
  readonly path: `/${string}`;
  readonly who: W;
  readonly limit?: "login";
  readonly command?: NonNullable<Endpoint["command"]>;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly response: Response;
  readonly problems?: readonly ProblemCode[];
  /** The read models that the response is computed from, or that a command waits for. */
  readonly reads: readonly ReadModelName[];
  /** The response is the same for everybody: it is cached until a read model changes. */
  readonly isShared?: true;
  /** Only a few such responses are computed at once; shared ones are lists. */
  readonly costly?: Costly;
  handle(
    request: CourseRequest<W, z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<Answer<z.input<Response>>>;
};

/** Unknown fields are ignored: front ends add their own. */
const anything = z.unknown();

/**
 * Creates the endpoints of a course route, with and without a trailing slash. Tokens are raw or `Bearer`; responses are plain
 * JSON, errors are `{msg}`.
 */
export function courseRoutes(tokens: Pick<CourseTokens, "verify">) {
  return <
    W extends Who,
    Response extends z.ZodType,
    Params extends z.ZodType = typeof anything,
    Query extends z.ZodType = typeof anything,
    Body extends z.ZodType = typeof anything,
  >(
    declaration: CourseDeclaration<W, Params, Query, Body, Response>,
  ): readonly Endpoint[] => {
    const { who, path, reads, isShared = false, problems = [], handle, ...declared } = declaration;
    const isQuery = declaration.method === "get";
    const costly = declaration.costly ?? (isShared ? "list" : undefined);
    const shared = {
      ...declared,
      params: declaration.params ?? anything,
      query: declaration.query ?? anything,
      body: declaration.body ?? anything,
      access: "open" as const,
      readerOf: (authorization: string | undefined) => readerOf(tokens, who, authorization),
      summary: `The course's ${path}`,
      problems: [...problems, "read_model_not_live", ...(isQuery ? ["server_busy" as const] : [])] as const,
      async handle({ params, query, body, incoming }: Parsed) {
        if (!(await incoming.areLive(reads))) {
          throw new RequestProblem("read_model_not_live", `One of ${reads.join(", ")} is being built.`);
        }
        const request = { params, query, body, incoming, readerId: incoming.readerId };
        const make = () => handle(request as CourseRequest<W, z.output<Params>, z.output<Query>, z.output<Body>>);
        const { responseCache, queryLimits } = incoming;
        // Costly responses show nothing of the reader, and take none of the reader's places.
        const limit = queryLimits({
          readerId: isQuery && costly === undefined ? incoming.readerId : undefined,
          costly,
        });
        if (!isShared || responseCache === undefined) return { headers: privateCaching, ...(await limit(make)) };
        const asked = question({ path, reads, params, query, incoming }, make, limit);
        const { json, etag } = await responseCache.get(asked, []);
        return { headers: { "Cache-Control": "no-cache", ETag: etag }, contentType: "application/json", body: json };
      },
    };
    const bare = path.replace(/\/$/, "") as `/${string}`;
    return [bare, `${bare}/` as const].map((path) => endpoint({ ...shared, path }));
  };
}

type Parsed = { params: unknown; query: unknown; body: unknown; incoming: IncomingRequest };

/** The cache key includes the origin, because cover URLs begin with it. */
function question(
  asked: Pick<Parsed, "params" | "query" | "incoming"> & { path: string; reads: readonly ReadModelName[] },
  make: () => Promise<Answer>,
  limit: ConcurrencyLimit,
): Question {
  const { path, reads, params, query, incoming } = asked;
  const sources = reads.map((readModel) =>
    readModel === "library" ? { readModel } : { readModel, maxAgeMs: countsMaxAgeMs },
  );
  return {
    name: JSON.stringify(["course", path, params, query, incoming.origin]),
    sources,
    make: async () => ({ text: JSON.stringify((await make()).body), sources }),
    limit,
    keepForMs: reads.includes("heat") ? heatMaxAgeMs : undefined,
  };
}

/** Front ends send any token they have with public requests; only routes that need a reader refuse an invalid one. */
async function readerOf(
  tokens: Pick<CourseTokens, "verify">,
  who: Who,
  authorization: string | undefined,
): Promise<string | undefined> {
  const token = authorization?.replace(/^bearer +/i, "").trim() || undefined;
  if (token === undefined) {
    if (who === "anybody") return undefined;
    throw new TokenRefused("token_missing", "Send the token of the login in Authorization.");
  }
  return tokens.verify(token).catch((error: unknown) => {
    if (who === "anybody" && error instanceof TokenRefused) return undefined;
    throw error;
  });
}

/** The context of a command from a course front end, which sends no Idempotency-Key: each command is new. */
export function courseContext(incoming: IncomingRequest, sent: unknown): CommandContext {
  return commandContext(incoming, { commandId: randomUUID(), sent });
}

/** Waits up to two seconds until the read models include a command: course front ends send no Consistency-Token. */
export async function untilShown(
  { waitFor }: IncomingRequest,
  readModels: readonly ReadModelName[],
  { consistencyToken }: CommandResult,
): Promise<void> {
  const written = consistencyToken === null ? [] : (decodeConsistencyTokens(consistencyToken) ?? []);
  if (written.length > 0) await waitFor(readModels, written);
}

/** Problems, besides those with status 503, without whose command a page is shown. */
const passedOver: ReadonlySet<ProblemCode> = new Set(["event_unreadable", "too_many_requests"]);

/**
 * Runs a command that is a side effect of viewing a page, such as recording that it was opened, and waits for it like `untilShown`. If
 * the log is down or busy or has an event that cannot be read, or the reader had too many books read, the page is shown without it; the
 * log and the metrics have the problem. HEAD views nothing.
 */
export async function noted(
  incoming: IncomingRequest,
  readModels: readonly ReadModelName[],
  run: () => Promise<CommandResult>,
): Promise<void> {
  if (incoming.isHead) return;
  try {
    const result = await run();
    incoming.onSideEffect({ outcome: outcomeOf(result) });
    await untilShown(incoming, readModels, result);
  } catch (error) {
    const { code } = problemOf(error);
    if (problems[code].status !== 503 && !passedOver.has(code)) throw error;
    incoming.onSideEffect({ problem: code, error });
  }
}
