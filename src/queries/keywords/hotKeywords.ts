import type { Pool } from "../../platform/postgres.ts";
import { blocklist } from "../../projections/blocklist/blocklist.ts";
import { keywordDayOf, keywords } from "../../projections/keywords/keywords.ts";
import { viewsOf } from "../../projections/views.ts";

const views = viewsOf(keywords);
const blockedViews = viewsOf(blocklist);

/** A point halves in so many days, and is left out when it is older than `maxDays`: it is then worth 1/650. */
const halfLifeDays = 1.5;
const maxDays = 14;

/** `key`: by what keywords are compared (`keywordKey`); `keyword`: as it was typed most often. `heat` in thousandths of a point. */
export type HotKeyword = { readonly key: string; readonly keyword: string; readonly heat: number };

const statement = {
  name: "hot-keywords",
  text: `SELECT keyword AS key, mode() WITHIN GROUP (ORDER BY typed) AS keyword,
                round(1000 * sum(power(0.5, ($1::int4 - day) / ${halfLifeDays})))::int4 AS heat
         FROM ${views.keyword_days}
         WHERE day > $1::int4 - ${maxDays} AND day <= $1::int4 AND found
         GROUP BY keyword
         HAVING NOT EXISTS (SELECT FROM unnest(ARRAY(SELECT keyword FROM ${blockedViews.blocked_keywords})) AS blocked
                            WHERE strpos(keyword_days.keyword, blocked) > 0)
         ORDER BY heat DESC, key LIMIT $2`,
};

/**
 * The keywords that were searched for the most of late, the hottest first. Each reader, or address without a login, adds a point a day
 * to a keyword, which halves every 1.5 days. Left out are those that found nothing, and those that contain a blocked one.
 */
export async function hotKeywords(pool: Pool, now: Date, limit: number): Promise<readonly HotKeyword[]> {
  const { rows } = await pool.query<HotKeyword>({ ...statement, values: [keywordDayOf(now), limit] });
  return rows;
}
