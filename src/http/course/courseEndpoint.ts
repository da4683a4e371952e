import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { CourseTokens } from "../../auth/courseTokens.ts";
import { TokenRefused } from "../../auth/errors.ts";
import type { CommandContext, CommandResult } from "../../commands/types.ts";
import { decodeConsistencyTokens } from "../../domain/consistencyToken.ts";
import { commandContext } from "../commandContext.ts";
import {
  type Answer,
  type Endpoint,
  endpoint,
  type IncomingRequest,
  type Question,
  type ReadModelName,
} from "../endpoint.ts";
import { heatMayBeOldMs } from "../library/heat.ts";
import { problemOf } from "../problemOf.ts";
import { type ProblemCode, problems, RequestProblem } from "../problems.ts";
import { privateCaching } from "../queryEndpoint.ts";

/** Who may send a request: `anybody` may have a token, and one that is no good is none. */
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
  /** The read models that the answer is made of, or that a command waits for. */
  readonly reads: readonly ReadModelName[];
  /** The answer is the same for everybody: it is kept until a read model changes. */
  readonly isShared?: true;
  handle(
    request: CourseRequest<W, z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<Answer<z.input<Response>>>;
};

/** What front ends send besides is passed over: they add fields of their own. */
const anything = z.unknown();

/**
 * The endpoints of a route of the course, with and without a slash at its end. Tokens come raw or as `Bearer`; answers are bare
 * JSON, and errors `{msg}`.
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
    const shared = {
      ...declared,
      params: declaration.params ?? anything,
      query: declaration.query ?? anything,
      body: declaration.body ?? anything,
      access: "open" as const,
      readerOf: (authorization: string | undefined) => readerOf(tokens, who, authorization),
      summary: `The course's ${path}`,
      problems: [...problems, "read_model_not_live" as const],
      async handle({ params, query, body, incoming }: Parsed) {
        if (!(await incoming.areLive(reads))) {
          throw new RequestProblem("read_model_not_live", `One of ${reads.join(", ")} is being built.`);
        }
        const request = { params, query, body, incoming, readerId: incoming.readerId };
        const make = () => handle(request as CourseRequest<W, z.output<Params>, z.output<Query>, z.output<Body>>);
        const { responseCache } = incoming;
        if (!isShared || responseCache === undefined) return { headers: privateCaching, ...(await make()) };
        const { json, etag } = await responseCache.get(question({ path, reads, params, query, incoming }, make), []);
        return { headers: { "Cache-Control": "no-cache", ETag: etag }, contentType: "application/json", body: json };
      },
    };
    const bare = path.replace(/\/$/, "") as `/${string}`;
    return [bare, `${bare}/` as const].map((path) => endpoint({ ...shared, path }));
  };
}

type Parsed = { params: unknown; query: unknown; body: unknown; incoming: IncomingRequest };

/** How long the numbers of shelves may be of before. */
const countsMayBeOldMs = 2_000;

/** Addresses of covers begin with the origin, so it makes another answer. */
function question(
  asked: Pick<Parsed, "params" | "query" | "incoming"> & { path: string; reads: readonly ReadModelName[] },
  make: () => Promise<Answer>,
): Question {
  const { path, reads, params, query, incoming } = asked;
  const sources = reads.map((readModel) =>
    readModel === "library" ? { readModel } : { readModel, maxAgeMs: countsMayBeOldMs },
  );
  return {
    name: JSON.stringify(["course", path, params, query, incoming.origin]),
    sources,
    make: async () => ({ text: JSON.stringify((await make()).body), sources }),
    isCostly: true,
    keepForMs: reads.includes("heat") ? heatMayBeOldMs : undefined,
  };
}

/** A front end asks for public pages with whatever token it has; only what needs a reader refuses it. */
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

/** The context of a command that a front end of the course sends: it has no key, so each is a new one. */
export function courseContext(incoming: IncomingRequest, sent: unknown): CommandContext {
  return commandContext(incoming, { commandId: randomUUID(), sent });
}

/** Waits, two seconds at most, until the read models show what a command did: these front ends send no Consistency-Token. */
export async function untilShown(
  { waitFor }: IncomingRequest,
  readModels: readonly ReadModelName[],
  { consistencyToken }: CommandResult,
): Promise<void> {
  const written = consistencyToken === null ? [] : (decodeConsistencyTokens(consistencyToken) ?? []);
  if (written.length > 0) await waitFor(readModels, written);
}

/**
 * Waits as `untilShown` for what a page notes by the way, such as that it was opened. A page is shown without it when the log is
 * away or busy.
 */
export async function noted(
  incoming: IncomingRequest,
  readModels: readonly ReadModelName[],
  command: Promise<CommandResult>,
): Promise<void> {
  try {
    await untilShown(incoming, readModels, await command);
  } catch (error) {
    if (problems[problemOf(error).code].status !== 503) throw error;
  }
}

/** How a command ended, for the metrics. */
export const outcomeOf = ({ events }: CommandResult) =>
  events.length > 0 ? ("done" as const) : ("unchanged" as const);
