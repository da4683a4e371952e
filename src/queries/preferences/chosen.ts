import { defaultPreferences, defaultSettings } from "../../domain/preferences/defaults.ts";
import type { Preferences, Settings } from "../../domain/preferences/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { preferences } from "../../projections/preferences/preferences.ts";
import { viewsOf } from "../../projections/views.ts";

const views = viewsOf(preferences);

/** When the reader last changed them; null if they are the defaults. */
type Since = { readonly changedAt: string | null };

type PreferencesRow = {
  readonly channel: Preferences["channel"];
  readonly category_ids: string;
  readonly progress_policy: Preferences["progressPolicy"];
  readonly changed_at: Date;
};

const preferencesStatement = {
  name: "preferences-of-reader",
  text: `SELECT channel, category_ids, progress_policy, changed_at FROM ${views.reader_preferences} WHERE reader_id = $1`,
};

/** A reader's preferences. */
export async function preferencesOf(pool: Pool, readerId: string): Promise<Preferences & Since> {
  const { rows } = await pool.query<PreferencesRow>({ ...preferencesStatement, values: [readerId] });
  const [row] = rows;
  if (row === undefined) return { ...defaultPreferences, changedAt: null };
  return {
    channel: row.channel,
    categoryIds: row.category_ids === "" ? [] : row.category_ids.split(","),
    progressPolicy: row.progress_policy,
    changedAt: row.changed_at.toISOString(),
  };
}

const settingsStatement = {
  name: "settings-of-reader",
  text: `SELECT brightness, font_size AS "fontSize", background, page_turn AS "pageTurn", line_spacing AS "lineSpacing",
                changed_at AS "changedAt"
         FROM ${views.reader_settings} WHERE reader_id = $1`,
};

/** A reader's settings for the display of pages. */
export async function settingsOf(pool: Pool, readerId: string): Promise<Settings & Since> {
  const values = [readerId];
  const { rows } = await pool.query<Settings & { readonly changedAt: Date }>({ ...settingsStatement, values });
  const [row] = rows;
  if (row === undefined) return { ...defaultSettings, changedAt: null };
  return { ...row, changedAt: row.changedAt.toISOString() };
}
