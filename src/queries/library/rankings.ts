import type { Pool } from "../../platform/postgres.ts";
import { collected } from "../../projections/collected/collected.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, object } from "../json.ts";
import { type JsonPage, pageOf, pageSql } from "../page.ts";
import { listedFields } from "./newestBooks.ts";

const libraryViews = viewsOf(library);
const collectedViews = viewsOf(collected);

/** By heat, by number of shelves, by date of cataloguing, and finished books by heat. */
export const rankingKinds = ["heat", "collected", "new", "finished"] as const;
export type RankingKind = (typeof rankingKinds)[number];

/** A book's place in a ranking: its rank value and a tie-breaker. Numbers are text, since JSON has no bigint. */
export type RankingCursor = readonly [kind: RankingKind, rank: string, position: string];

export type RankingQuestion = {
  readonly kind: RankingKind;
  readonly channel: string | null;
  /** A category or sub-category; null for all. */
  readonly category: string | null;
  readonly limit: number;
  readonly after: RankingCursor | null;
};

const beyondAll = String(2n ** 63n - 1n);

const heat = "coalesce(scores.heat, 0)";
const shelves = "coalesce(collected.shelves, 0)";
const position = "book.catalogued_position";
const ranks: Record<RankingKind, { readonly rank: string; readonly where: string }> = {
  heat: { rank: heat, where: `${heat} > 0` },
  collected: { rank: shelves, where: `${shelves} > 0` },
  new: { rank: position, where: "true" },
  finished: { rank: heat, where: "book.status = 'finished'" },
};

const statementOf = (kind: RankingKind) => {
  const { rank, where } = ranks[kind];
  return {
    name: `ranking by ${kind}`,
    text: pageSql({
      item: object({ ...listedFields, shelves: bare(shelves) }),
      rows: `FROM ${libraryViews.books} AS book
             LEFT JOIN ${collectedViews.collected_books} AS collected ON collected.book_id = book.book_id
             LEFT JOIN heat_scores AS scores ON scores.book_id = book.book_id
             WHERE book.withdrawn_at IS NULL AND ${where}
               AND ($1::text IS NULL OR book.channel = $1)
               AND ($2::text IS NULL OR book.category_id = $2 OR book.sub_category_id = $2)
               AND (${rank}, ${position}) < ($4::int8, $5::int8)
             ORDER BY ${rank} DESC, ${position} DESC`,
      limit: "$3",
      place: { rank, position },
      next: (last) => `'["${kind}","' || ${last("rank")} || '","' || ${last("position")} || '"]'`,
    }),
  };
};
const statements = {
  heat: statementOf("heat"),
  collected: statementOf("collected"),
  new: statementOf("new"),
  finished: statementOf("finished"),
};

/** A page of a ranking. Books without heat, or without shelves, are not in the ranking by it. */
export async function ranking(pool: Pool, question: RankingQuestion): Promise<JsonPage> {
  const { kind, channel, category, limit, after } = question;
  const [, rank = beyondAll, position = beyondAll] = after ?? [];
  const { rows } = await pool.query({ ...statements[kind], values: [channel, category, limit, rank, position] });
  return pageOf(rows[0]);
}
