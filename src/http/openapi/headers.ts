import type { AnswerHeader } from "../endpoint.ts";
import type { JsonSchema } from "./schemas.ts";

/** A header as OpenAPI describes it. */
type HeaderObject = { readonly description: string; readonly schema: JsonSchema };

const text = { type: "string" };

/** What each header of an answer says. */
export const answerHeaders = {
  "X-Request-Id": { description: "Names the request in our log; a client's own is kept if it is sane.", schema: text },
  "Consistency-Token": {
    description: "Lets a query wait for what the command wrote. Absent if there is nothing to wait for.",
    schema: text,
  },
  "Idempotency-Key": {
    description: "The key that the command is known by: the client's, or the one that was made.",
    schema: { type: "string", format: "uuid" },
  },
  Consistency: {
    description: "Whether the answer holds what the request's Consistency-Token names. Absent without a token.",
    schema: { type: "string", enum: ["current", "stale"] },
  },
  ETag: { description: "Names this state of the answer, for If-None-Match.", schema: text },
  Location: { description: "Where the state of what was begun can be read.", schema: text },
  "Retry-After": { description: "Seconds after which the request may be sent again.", schema: { type: "integer" } },
  "WWW-Authenticate": { description: "How to send an access token (RFC 6750).", schema: text },
} as const satisfies Record<AnswerHeader | (string & {}), HeaderObject>;

/** What each header of a request is for; its schema is that of the endpoint's declaration. */
export const requestHeaders: Readonly<Record<string, string>> = {
  "Idempotency-Key":
    "A UUID, made once for each tap and sent again with every repeat: the answer is then the first one.",
  "Consistency-Token":
    "The token of a command's answer, or several joined by commas: the query waits for what they name.",
};

/** References to the components that `answerHeaders` become. */
export function headerRefs(names: readonly (keyof typeof answerHeaders)[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
