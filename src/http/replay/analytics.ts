import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import { type AskedView, NoSuchColumn, SnapshotLost, type ViewAnswer } from "../../replay/analytics/answerView.ts";
import { publishedViews } from "../../replay/analytics/published.ts";
import type { Endpoint } from "../endpoint.ts";
import { cursorOf, listOf, pageFieldsBy } from "../pagination.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

export type AnalyticsDependencies = {
  /** Undefined if exports are not configured; resolves with undefined if there is no recent snapshot. */
  readonly answerView: ((asked: AskedView) => Promise<ViewAnswer | undefined>) | undefined;
  /** Notes who looked at a page of what. */
  readonly audit: (look: Readonly<Record<string, unknown>> & { readonly analyst: string }) => void;
};

const names = publishedViews.map(({ name }) => name) as [string, ...string[]];
const listed = z.strictObject({
  view: z.enum(names),
  description: z.string(),
  columns: z.record(z.string(), z.string()),
});
/** Only the id of the snapshot: the list of snapshots has its file. */
const place = z.strictObject({ snapshot: z.uuid(), offset: z.int().positive().max(10_000_000) });
const row = z.record(z.string(), z.unknown());

/** The endpoints of the predefined views over events, for analysts. */
export function analyticsEndpoints({ answerView, audit }: AnalyticsDependencies): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/analytics",
      access: "analyst",
      summary: "The predefined views, their rows and columns",
      response: listOf(listed),
      problems: [],
      reads: [],
      handle: async () => ({
        items: publishedViews.map(({ name, description, columns }) => ({
          view: name,
          description,
          columns: { ...columns },
        })),
        nextCursor: null,
      }),
    }),
    queryEndpoint({
      path: "/v1/analytics/{view}",
      access: "analyst",
      summary: "A page of a predefined view, at most 30 seconds old unless it is `stale`",
      description:
        "Later pages come from the snapshot of the first. `position` is that of the last event included. 64-bit integers are text. `from` and `to` are days in China, for views with a day, week, month, cohort or beginning.",
      params: z.strictObject({ view: z.enum(names) }),
      query: z
        .strictObject({
          bookId: bookId.optional(),
          from: z.iso.date().optional(),
          to: z.iso.date().optional(),
          ...pageFieldsBy(place),
        })
        .refine(({ from = "", to }) => to === undefined || from <= to, {
          path: ["to"],
          message: "must not be before from",
        }),
      response: listOf(row).extend({
        view: z.enum(names),
        position: z.string(),
        at: z.iso.datetime(),
        events: z.int(),
        stale: z.boolean().meta({
          description:
            "Whether it is older than 30 seconds: a newer one was not ready in time, or it is that of the first page.",
        }),
      }),
      problems: ["exports_not_set_up", "analytics_not_ready", "analytics_cursor_lost"],
      reads: [],
      async handle({ params: { view }, query: { limit, cursor, bookId, from, to }, readerId: analyst }) {
        if (answerView === undefined) throw new RequestProblem("exports_not_set_up", "PSEUDONYM_KEYS is not set.");
        const found = await answerView({ view, bookId, from, to, limit, after: cursor ?? undefined }).catch(refuse);
        if (found === undefined)
          throw new RequestProblem("analytics_not_ready", "A worker is computing the analytics. Try again later.");
        audit({ analyst, view, bookId, from, to });
        const { items, next, ...about } = found;
        return {
          view,
          ...about,
          items: items.map((item) => ({ ...item })),
          nextCursor: next === undefined ? null : cursorOf(next),
        };
      },
    }),
  ];
}

function refuse(error: unknown): never {
  if (error instanceof SnapshotLost) throw new RequestProblem("analytics_cursor_lost", error.message);
  if (!(error instanceof NoSuchColumn)) throw error;
  const errors = [{ path: error.field, message: "must not be given for this view" }];
  throw new RequestProblem("invalid_request", `${error.field}: ${error.message}`, { errors });
}
