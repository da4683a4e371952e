import { z } from "zod";
import { type ChangedKind, changedKinds } from "../../domain/sync/changedKinds.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { AppliedPoint, AppliedUpTo } from "../../projections/appliedUpTo.ts";
import type { ReadModelName } from "../../projections/registry.ts";
import { type Changed, changesSince, latestChanges } from "../../queries/sync/changesSince.ts";
import { knownUpTo, readModelsOfChanges } from "../../queries/sync/knownUpTo.ts";
import type { Endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { RawJson } from "../rawJson.ts";
import { decodeSyncToken, encodeSyncToken, eventFingerprint } from "./syncToken.ts";
import { createTokenLogCheck, type IsInLog } from "./tokenLogCheck.ts";

const dayMs = 86_400_000;
/** For how many days a token covers removals. */
const tokenDays = 90;
/** Changes per page; the changes of one event are never split. */
const changesPerPage = 500;
/** Tokens contain their time of issue. */
const keepForMs = 60_000;

const reads = readModelsOfChanges;

const change = z.strictObject({
  kind: z.enum(changedKinds),
  key: z.string(),
  value: z.record(z.string(), z.unknown()).nullable(),
});

/** The endpoint of a reader's changes. `now` is the clock, `pageSize` how many changes a page has at least if there are more. */
export function changesEndpoints(
  {
    pool,
    appliedUpTo,
    isInLog,
    pageSize = changesPerPage,
  }: {
    readonly pool: Pool;
    readonly appliedUpTo: AppliedUpTo;
    readonly isInLog: IsInLog;
    readonly pageSize?: number;
  },
  now: () => Date = () => new Date(),
): readonly Endpoint[] {
  const tokenLogCheck = createTokenLogCheck(isInLog);
  return [
    queryEndpoint({
      path: "/v1/changes",
      access: "reader",
      summary: "The reader's data that changed since a token",
      description:
        "`items` has each changed item once, with its current value; `value` is null for a removed item. Apply them in order, and request again with " +
        "`token`, at once while `more` is true. Without `since` all items are returned. An item may be sent again unchanged. " +
        `A token is valid for ${tokenDays} days, and until a backup from before it is restored; then it is 410 \`token_expired\`: discard your copy and request again without a token.`,
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
        const begin = since?.position ?? -1n;
        // Determined before reading rows, which are then at least at these positions.
        const applied = appliedUpTo(reads, readerId);
        const build = applied.get("changes")?.build;
        const log = await tokenLogCheck.check({ position: begin, mark: since?.mark, build });
        if (log === "another") {
          throw new RequestProblem(
            "changes_token_expired",
            "The token is of changes that were lost when a backup was restored. Ask without one.",
          );
        }
        const after = since?.page ?? begin;
        const found = await changesSince(pool, { readerId, after, limit: pageSize });
        const last = found.at(-1)?.position ?? after;
        // The place in the list and the position up to which the client then knows all changes are separate: the first page
        // decided the latter.
        const more = found.length >= pageSize;
        // If it is unknown whether the log has this position, keep it: the next request checks again.
        const position =
          since?.page !== undefined || log === "unknown"
            ? begin
            : knownUpTo(begin, applied, more ? await latestChanges(pool, { readerId, after }) : latestOf(found));
        const shown = since === null ? found.filter(({ json }) => json !== null) : found;
        const items = shown.map(
          ({ kind, key, json }) => `{"kind":"${kind}","key":${JSON.stringify(key)},"value":${json}}`,
        );
        const mark = position === begin && since?.mark !== undefined ? since.mark : markAt(position, applied);
        if (log !== "unknown") tokenLogCheck.note({ position, mark, build });
        const token = encodeSyncToken({ position, issuedAt: asked, page: more ? last : undefined, mark });
        return new RawJson(`{"items":[${items.join(",")}],"token":"${token}","more":${more}}`);
      },
    }),
  ];
}

function markAt(position: bigint, applied: ReadonlyMap<ReadModelName, AppliedPoint>): string | undefined {
  for (const point of applied.values())
    if (point.position === position && point.eventId && position >= 0n) return eventFingerprint(point.eventId);
  return undefined;
}

/** Of all changes, in their order. */
function latestOf(found: readonly Changed[]): ReadonlyMap<ChangedKind, bigint> {
  return new Map(found.map(({ kind, position }) => [kind, position]));
}
