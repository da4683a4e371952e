import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import type { Role } from "../auth/roles.ts";
import type { Written } from "../domain/consistencyToken.ts";
import type { ReadModelName } from "../projections/registry.ts";
import { createFieldErrors, type FieldErrors } from "./fieldErrors.ts";
import { type ProblemCode, RequestProblem } from "./problems.ts";

export type Method = "get" | "put" | "post" | "delete";

/** Who may send a request: anybody, or whoever has an access token that carries the role. */
export type Access = "open" | Role;

/** The headers that an endpoint may set on its answers; `src/http/openapi/headers.ts` says what each means. */
export type AnswerHeader = "Consistency-Token" | "Idempotency-Key" | "Consistency" | "ETag" | "Location";

export type { ReadModelName };

/** Waits until the read models have seen what was written; "stale" when they have not in time. */
export type WaitFor = (
  readModels: readonly ReadModelName[],
  written: readonly Written[],
) => Promise<"current" | "stale">;

/** Whether each of the read models has been built. */
export type AreLive = (readModels: readonly ReadModelName[]) => Promise<boolean>;

/**
 * What an answer is made of: the rows of one partition key of a read model (a reader's id or a book's), or all its rows. With
 * `maxAgeMs` an answer may be given for so many milliseconds although this changed.
 */
export type Source = {
  readonly readModel: ReadModelName;
  readonly key?: string | undefined;
  readonly maxAgeMs?: number | undefined;
};

/** A question that may have been answered before. Of one name are those whose answers are the same. */
export type Question = {
  readonly name: string;
  /** As far as they are known before there is an answer. */
  readonly sources: readonly Source[];
  /** Asks the read models, and resolves with JSON; the sources are those of this answer. */
  make(): Promise<{ readonly text: string; readonly sources: readonly Source[] }>;
  /** Not many of these are made at once. */
  readonly isCostly: boolean;
  /** For how many milliseconds an answer is kept at most, when it also depends on the time. */
  readonly keepForMs?: number | undefined;
};

/** Answers that were given before, or are being made. */
export type ResponseCache = {
  /**
   * The answer that is kept, as long as its sources did not change, or that is being made, if none changed since; or else the
   * one that `make` resolves with. It has what the progress tracker had noticed before, but for sources with a `maxAgeMs`:
   * `consistency` is `stale` if it may miss something of those that `written` names. Rejects as `make` does.
   */
  get(
    question: Question,
    written: readonly Written[],
  ): Promise<CachedResponse & { readonly consistency: "current" | "stale" }>;
};

/** The bytes of an answer in JSON, and their entity tag. */
export type CachedResponse = { readonly json: Buffer; readonly etag: string };

/** A request as the router hands it over: the token checked, nothing else. */
export type IncomingRequest = {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly readerId: string | undefined;
  /** Of the access token; undefined without one, and of a token without a login. */
  readonly loginId?: string | undefined;
  readonly requestId: string;
  /** The client's address as the proxies in front say, by which who has no login is told apart. */
  readonly address: () => string;
  /** Where the client reached us: `https://api.example.com`. */
  readonly origin: string;
  readonly waitFor: WaitFor;
  readonly areLive: AreLive;
  /** Undefined: every answer is made anew. */
  readonly responseCache: ResponseCache | undefined;
  /** By their names in small letters. */
  readonly headers: IncomingHttpHeaders;
};

/** What an endpoint's handler gets: every part checked against its declaration. */
export type CheckedRequest<A extends Access, Params, Query, Headers, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  readonly readerId: A extends "open" ? undefined : string;
  readonly incoming: IncomingRequest;
};

/** With a `contentType` the body is sent as it is, text or bytes; else as JSON. */
export type Answer<Body = unknown> = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body: Body | Buffer;
  /** JSON in pieces, in place of the body, which is left out then; an error in the middle breaks the response off. */
  readonly stream?: AsyncIterable<string>;
  /** Of a command: whether it changed something. For the metrics. */
  readonly outcome?: "done" | "unchanged";
};

/**
 * One declaration of an endpoint: the route is made from it, requests are checked against it. A part that is not
 * declared must be empty. `problems` are those beyond what any endpoint of its access may answer.
 */
export type Declaration<
  A extends Access,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Headers extends z.ZodObject,
  Body extends z.ZodType,
  Response extends z.ZodType,
> = {
  readonly method: Method;
  /** With parameters in braces: `/v1/shelf/{bookId}`. */
  readonly path: `/${string}`;
  readonly access: A;
  /** One line for the OpenAPI document: what a client gets or does by it. */
  readonly summary: string;
  /** What does not fit into that line. */
  readonly description?: string;
  /** The command that it runs, of streams of this category, and how their rules may refuse it. Commands are counted as such. */
  readonly command?: { readonly category: string; readonly name: string; readonly refusals: readonly string[] };
  /** Also takes the tokens of a reader who is erased. */
  readonly erasedToo?: true;
  /** A limit beside those of every endpoint. */
  readonly limit?: "login";
  /**
   * Of an open endpoint with tokens of its own: the reader of an Authorization header, undefined if it takes the request for
   * anybody's. Rejects with TokenRefused.
   */
  readonly readerOf?: (authorization: string | undefined) => Promise<string | undefined>;
  readonly params?: Params;
  readonly query?: Query;
  /** By their usual spelling: `Idempotency-Key`. Other headers are let through. */
  readonly headers?: Headers;
  readonly body?: Body;
  /** The body is a file: `body` gets its bytes as a Buffer, of these media types and at most `limit` bytes. */
  readonly upload?: { readonly types: readonly string[]; readonly limit: number };
  readonly response: Response;
  /** The media types of an answer that is not JSON: text or bytes, as Answer.contentType says. */
  readonly contentTypes?: readonly string[];
  /** The statuses of an answer that is no problem; 200 alone unless given. */
  readonly statuses?: readonly number[];
  readonly answerHeaders?: readonly AnswerHeader[];
  readonly problems: readonly ProblemCode[];
  handle(
    request: CheckedRequest<A, z.output<Params>, z.output<Query>, z.output<Headers>, z.output<Body>>,
  ): Promise<Answer<z.input<Response>>>;
};

/** A declared endpoint, ready for the router. `run` rejects with a RequestProblem `invalid_request` for bad input. */
export type Endpoint = Omit<Declaration<Access, z.ZodType, z.ZodType, z.ZodObject, z.ZodType, z.ZodType>, "handle"> & {
  run(request: IncomingRequest): Promise<Answer>;
};

const nothing = z.strictObject({});
type Nothing = typeof nothing;

/** Makes an endpoint of its declaration. */
export function endpoint<
  A extends Access,
  Response extends z.ZodType,
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Headers extends z.ZodObject = Nothing,
  Body extends z.ZodType = Nothing,
>(declaration: Declaration<A, Params, Query, Headers, Body, Response>): Endpoint {
  const { handle, ...declared } = declaration;
  const headerNames = Object.keys(declaration.headers?.shape ?? {}).map((name) => [name, name.toLowerCase()] as const);
  return {
    ...declared,
    async run(incoming) {
      const errors: Errors = { found: undefined };
      const headers: Record<string, unknown> = {};
      for (const [name, sent] of headerNames) headers[name] = incoming.headers[sent];
      const request = {
        params: check(declaration.params, "params", incoming.params, errors),
        query: check(declaration.query, "query", incoming.query, errors),
        headers: check(declaration.headers, "headers", headers, errors),
        body: check(declaration.body, "body", incoming.body ?? {}, errors),
        // The router has checked the token of every endpoint that is not open.
        readerId: incoming.readerId as A extends "open" ? undefined : string,
        incoming,
      };
      if (errors.found !== undefined) {
        throw new RequestProblem("invalid_request", errors.found.describe(), { errors: errors.found.listed });
      }
      return handle(request);
    },
  };
}

/** Made when there is one. */
type Errors = { found: FieldErrors | undefined };

/** The value as its schema gives it; what is wrong with it is added to `errors`, and the value is then of no use. */
function check<Schema extends z.ZodType>(
  schema: Schema | undefined,
  part: string,
  value: unknown,
  errors: Errors,
): z.output<Schema> {
  if (schema === undefined && isEmpty(value)) return value as z.output<Schema>;
  const parsed = (schema ?? nothing).safeParse(value);
  if (parsed.success) return parsed.data as z.output<Schema>;
  errors.found ??= createFieldErrors();
  errors.found.add(part, parsed.error.issues);
  return undefined as z.output<Schema>;
}

/** What is not declared must not be there; to see that takes no schema. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  for (const _ in value) return false;
  return true;
}
