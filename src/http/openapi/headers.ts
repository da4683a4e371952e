import type { AnswerHeader } from "../endpoint.ts";
import type { JsonSchema } from "./schemas.ts";

/** A header as OpenAPI describes it. */
type HeaderObject = { readonly description: string; readonly schema: JsonSchema };

const text = { type: "string" };

/** The response headers. */
export const answerHeaders = {
  "X-Request-Id": {
    description: "Identifies the request in the log. A client's own id is used if it is valid.",
    schema: text,
  },
  "Consistency-Token": {
    description: "Lets a query wait until it includes the command. Absent if there is nothing to wait for.",
    schema: text,
  },
  "Idempotency-Key": {
    description: "The key of the command: the client's, or a generated one.",
    schema: { type: "string", format: "uuid" },
  },
  Consistency: {
    description:
      "Whether the response includes what the request's Consistency-Token refers to. Absent without a token.",
    schema: { type: "string", enum: ["current", "stale"] },
  },
  ETag: { description: "The entity tag of the response, for If-None-Match.", schema: text },
  Location: { description: "The URL of the progress of the started work.", schema: text },
  "Retry-After": { description: "Seconds after which the request may be sent again.", schema: { type: "integer" } },
  "WWW-Authenticate": { description: "How to send an access token (RFC 6750).", schema: text },
} as const satisfies Record<AnswerHeader | (string & {}), HeaderObject>;

/** The request headers; their schemas are in the endpoints' declarations. */
export const requestHeaders: Readonly<Record<string, string>> = {
  "Idempotency-Key":
    "A UUID, generated once per user action and sent again with every retry: a retry gets the first response.",
  "Consistency-Token":
    "The token of a command's response, or several joined by commas: the query waits for those commands.",
};

/** References to the components created from `answerHeaders`. */
export function headerRefs(names: readonly (keyof typeof answerHeaders)[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
