import type { Pool } from "../../platform/postgres.ts";
import { blocklist } from "../../projections/blocklist/blocklist.ts";
import { viewsOf } from "../../projections/views.ts";
import { instant, object, sqlOf, text } from "../json.ts";
import { type JsonPage, pageOf } from "../page.ts";

const views = viewsOf(blocklist);

const blockedKeyword = object({ keyword: text("typed"), blockedAt: instant("blocked_at") });

const statement = {
  name: "blocked-keywords",
  text: `SELECT string_agg(${sqlOf(blockedKeyword)}, ',' ORDER BY blocked_at DESC, keyword) AS items
         FROM ${views.blocked_keywords}`,
};

/** The blocked keywords, the last blocked first. */
export async function blockedKeywords(pool: Pool): Promise<JsonPage> {
  const { rows } = await pool.query(statement);
  return pageOf(rows[0]);
}
