import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import type { Role } from "../auth/roles.ts";
import type { ReadModelName } from "../projections/registry.ts";
import type { WaitFor } from "../projections/waitFor.ts";
import { createFieldErrors, type FieldErrors } from "./fieldErrors.ts";
import { type ProblemCode, RequestProblem } from "./problems.ts";
import type { QueryLimits } from "./queryLimits.ts";
import type { ResponseCache } from "./responseCacheTypes.ts";
import type { AnswerStream } from "./server/sendStream.ts";

export type Method = "get" | "put" | "post" | "delete";

/** The permitted senders of a request: anybody, or the owner of an access token with the role. */
export type Access = "open" | Role;

/** The response headers that an endpoint may set; `src/http/openapi/headers.ts` describes them. */
export type AnswerHeader = "Consistency-Token" | "Idempotency-Key" | "Consistency" | "ETag" | "Location";

export type { ReadModelName };

/** Resolves with whether all these read models have a live build. */
export type AreLive = (readModels: readonly ReadModelName[]) => Promise<boolean>;

/** How a command ended that was a side effect of a request. */
export type SideEffect =
  | { readonly outcome: "done" | "unchanged" }
  | { readonly problem: ProblemCode; readonly error: unknown };

/** A request as passed by the router: only the token has been checked. */
export type IncomingRequest = {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly readerId: string | undefined;
  /** From the access token; undefined without one, or for a token without a login. */
  readonly loginId?: string | undefined;
  readonly requestId: string;
  /** HEAD: the body is not sent, so the read is not recorded. */
  readonly isHead: boolean;
  /** The client's address according to the trusted proxies; identifies clients without a login. */
  readonly address: () => string;
  /** The URL under which the client reached us: `https://api.example.com`. */
  readonly origin: string;
  readonly waitFor: WaitFor;
  readonly areLive: AreLive;
  /** Takes how a side effect ended into the request's line of the log and the metrics of commands. */
  readonly onSideEffect: (ended: SideEffect) => void;
  /** The limits of concurrent computations of responses. */
  readonly queryLimits: QueryLimits;
  /** Undefined: responses are not cached. */
  readonly responseCache: ResponseCache | undefined;
  /** By lower-case names. */
  readonly headers: IncomingHttpHeaders;
};

/** The input of an endpoint's handler, validated against the declaration. */
export type CheckedRequest<A extends Access, Params, Query, Headers, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  readonly readerId: A extends "open" ? undefined : string;
  readonly incoming: IncomingRequest;
};

/** With a `contentType` the body is sent unchanged, as text or bytes; otherwise as JSON, or as a stream of JSON in pieces. */
export type Answer<Body = unknown> = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  /** For commands: whether something changed. For the metrics. */
  readonly outcome?: "done" | "unchanged";
} & (
  | { readonly body: Body | Buffer; readonly stream?: undefined }
  | { readonly stream: AnswerStream; readonly body?: undefined }
);

/**
 * The declaration of an endpoint, from which its route is created and by which requests are validated. Undeclared parts must be
 * empty. `problems` are those beyond what every endpoint with this access may return.
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
  /** One line for the OpenAPI document: the endpoint's result or action. */
  readonly summary: string;
  /** Further details. */
  readonly description?: string;
  /** The command that it runs, the category of its stream, and its possible refusals. Used for metrics. */
  readonly command?: { readonly category: string; readonly name: string; readonly refusals: readonly string[] };
  /** Also accepts the tokens of an erased reader. */
  readonly erasedToo?: true;
  /** An additional rate limit. */
  readonly limit?: "login";
  /**
   * For open endpoints with their own tokens: the reader of an Authorization header; undefined if the request is anonymous.
   * Rejects with TokenRefused.
   */
  readonly readerOf?: (authorization: string | undefined) => Promise<string | undefined>;
  readonly params?: Params;
  readonly query?: Query;
  /** In their usual spelling: `Idempotency-Key`. Other headers are ignored. */
  readonly headers?: Headers;
  readonly body?: Body;
  /** The body is a file: `body` receives its bytes as they arrive; of these media types, and at most `limit` bytes. */
  readonly upload?: { readonly types: readonly string[]; readonly limit: number };
  readonly response: Response;
  /** The media types of responses that are not JSON; see Answer.contentType. */
  readonly contentTypes?: readonly string[];
  /** The statuses of successful responses; default: 200. */
  readonly statuses?: readonly number[];
  readonly answerHeaders?: readonly AnswerHeader[];
  readonly problems: readonly ProblemCode[];
  handle(
    request: CheckedRequest<A, z.output<Params>, z.output<Query>, z.output<Headers>, z.output<Body>>,
  ): Promise<Answer<z.input<Response>>>;
};

/** A declared endpoint, ready for the router. `run` rejects with RequestProblem `invalid_request` for invalid input. */
export type Endpoint = Omit<Declaration<Access, z.ZodType, z.ZodType, z.ZodObject, z.ZodType, z.ZodType>, "handle"> & {
  run(request: IncomingRequest): Promise<Answer>;
};

const nothing = z.strictObject({});
/** The schema of an undeclared part of a request: it must be empty. */
export type Nothing = typeof nothing;

/** Creates an endpoint from its declaration. */
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
        // For endpoints that are not open the router has checked the token.
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

/** Created on the first error. */
type Errors = { found: FieldErrors | undefined };

/** The value parsed by its schema. Errors are added to `errors`; the value must not be used then. */
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

/** Undeclared parts must be empty; checking this needs no schema. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  for (const _ in value) return false;
  return true;
}
