import type { Pool } from "../../platform/postgres.ts";
import { blocklist } from "../../projections/blocklist/blocklist.ts";
import { keywordDayOf, keywords } from "../../projections/keywords/keywords.ts";
import { viewsOf } from "../../projections/views.ts";

const views = viewsOf(keywords);
const blockedViews = viewsOf(blocklist);

/** The half-life of a point. Points older than `maxDays`, then worth 1/100, are ignored. */
const halfLifeDays = 1.5;
const maxDays = 10;
/** A keyword is shown in its most frequent spelling among this many of its last searches. */
const spellingsLookedAt = 500;

/** `key`: for comparison (`keywordKey`); `keyword`: in its most frequent spelling. `heat` in thousandths of a point. */
export type HotKeyword = { readonly key: string; readonly keyword: string; readonly heat: number };

const statement = {
  name: "hot-keywords",
  // Counted before weighted, in floating point (numeric powers are slow); blocked keywords are filtered from the top.
  text: `WITH counted AS (
           SELECT keyword, day, count(*) AS searchers FROM ${views.keyword_days}
           WHERE day > $1::int4 - ${maxDays} AND day <= $1::int4 AND found
           GROUP BY keyword, day
         ), ranked AS MATERIALIZED (
           SELECT keyword, sum(searchers * power(0.5::float8, ($1::int4 - day) / ${halfLifeDays}::float8)) AS points
           FROM counted GROUP BY keyword ORDER BY points DESC, keyword
         ), hot AS (
           SELECT keyword, points FROM ranked
           WHERE NOT EXISTS (SELECT FROM unnest(ARRAY(SELECT keyword FROM ${blockedViews.blocked_keywords})) AS blocked
                             WHERE strpos(ranked.keyword, blocked) > 0)
           LIMIT $2
         )
         SELECT keyword AS key, spelling.typed AS keyword, round(1000 * points)::int4 AS heat
         FROM hot CROSS JOIN LATERAL (
           SELECT mode() WITHIN GROUP (ORDER BY typed) AS typed
           FROM (SELECT typed FROM ${views.keyword_days} AS searched
                 WHERE searched.keyword = hot.keyword AND searched.day <= $1::int4 AND searched.found
                 ORDER BY searched.day DESC LIMIT ${spellingsLookedAt}) AS last
         ) AS spelling
         ORDER BY points DESC, key`,
};

/**
 * The most searched keywords of recent days, the hottest first. Each reader, or address without a login, adds one point a day
 * to a keyword; points halve every 1.5 days. Keywords without results, and those that contain a blocked keyword, are left out.
 */
export async function hotKeywords(pool: Pool, now: Date, limit: number): Promise<readonly HotKeyword[]> {
  const { rows } = await pool.query<HotKeyword>({ ...statement, values: [keywordDayOf(now), limit] });
  return rows;
}
