import { z } from "zod";
import { changedKinds } from "../../domain/sync/changedKinds.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { ReadModelName } from "../../projections/registry.ts";
import { changesSince } from "../../queries/sync/changesSince.ts";
import type { Endpoint } from "../endpoint.ts";
import { MadeJson } from "../madeJson.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { decodeSyncToken, encodeSyncToken } from "./syncToken.ts";

/** The position up to which these read models include all events of a partition key; undefined if unknown. */
export type SeenUpTo = (readModels: readonly ReadModelName[], key: string) => bigint | undefined;

const dayMs = 86_400_000;
/** For how many days a token covers removals. */
const tokenDays = 90;
/** Changes per page; the changes of one event are never split. */
const pageSize = 500;
/** Tokens contain their time of issue. */
const keepForMs = 60_000;

const reads = ["changes", "shelf", "places", "history", "preferences"] as const;

const change = z.strictObject({
  kind: z.enum(changedKinds),
  key: z.string(),
  value: z.record(z.string(), z.unknown()).nullable(),
});

/** The endpoint of a reader's changes. `now` is the clock. */
export function changesEndpoints(
  { pool, seenUpTo }: { readonly pool: Pool; readonly seenUpTo: SeenUpTo },
  now: () => Date = () => new Date(),
): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/changes",
      access: "reader",
      summary: "What changed of the reader's own things since a token",
      description:
        "`items` have each thing that changed once, as it is now; `value` is null for what went away. Apply them in their order, and ask again with " +
        "`token`: at once while `more` is true. Without `since`, all there is. A thing may be sent again although it is the same. " +
        `A token is good for ${tokenDays} days; then it is 410 \`token_expired\`: drop what you have, and ask without one.`,
      query: z.strictObject({
        since: z
          .string()
          .max(100)
          .transform((text, context) => {
            const token = decodeSyncToken(text);
            if (token !== undefined) return token;
            context.addIssue("must be the token of an answer");
            return z.NEVER;
          })
          .nullable()
          .default(null)
          .meta({ type: "string" }),
      }),
      response: z.strictObject({ items: z.array(change), token: z.string(), more: z.boolean() }),
      problems: ["changes_token_expired"],
      reads,
      keysOf: ({ readerId }) => Object.fromEntries(reads.map((name) => [name, readerId])),
      keepForMs,
      async handle({ readerId, query: { since } }) {
        const asked = now();
        if (since !== null && asked.getTime() - since.issuedAt.getTime() > tokenDays * dayMs) {
          throw new RequestProblem(
            "changes_token_expired",
            `The token is older than ${tokenDays} days. Ask without one.`,
          );
        }
        const after = since?.position ?? -1n;
        // Determined before reading rows, which are then at least at this position.
        const seen = seenUpTo(reads, readerId) ?? after;
        const found = await changesSince(pool, { readerId, after, limit: pageSize });
        const last = found.at(-1)?.position ?? after;
        const more = found.length >= pageSize && last < seen;
        const position = more ? last : seen > after ? seen : after;
        const shown = since === null ? found.filter(({ json }) => json !== null) : found;
        const items = shown.map(
          ({ kind, key, json }) => `{"kind":"${kind}","key":${JSON.stringify(key)},"value":${json}}`,
        );
        const token = encodeSyncToken({ position, issuedAt: asked });
        return new MadeJson(`{"items":[${items.join(",")}],"token":"${token}","more":${more}}`);
      },
    }),
  ];
}
