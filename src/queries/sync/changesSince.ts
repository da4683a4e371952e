import type { ChangedKind } from "../../domain/sync/changedKinds.ts";
import type { Pool } from "../../platform/postgres.ts";
import { changes } from "../../projections/changes/changes.ts";
import { history } from "../../projections/history/history.ts";
import { preferences } from "../../projections/preferences/preferences.ts";
import { places } from "../../projections/reading/places.ts";
import { shelf } from "../../projections/shelf/shelf.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, instant, type Json, object, orNull, plain, sqlOf, text } from "../json.ts";

const shelfViews = viewsOf(shelf);
const preferencesViews = viewsOf(preferences);

/** The greater, the nearer to the front: the digits of a position, which is below 2^63, followed by the rank. */
const orderText = (table: string): Json => [
  { text: '"' },
  { sql: `lpad(${table}.order_position::text, 19, '0') || ${table}.order_rank` },
  { text: '"' },
];

const bookValue = object({
  addedAt: instant("book.added_at"),
  pinned: bare("book.pinned"),
  group: orNull(plain, "book.group_id"),
  order: orderText("book"),
});
const groupValue = object({ name: text("shelf_group.name"), order: orderText("shelf_group") });
const placeValue = object({
  chapterId: plain("place.chapter_id"),
  chapterNo: bare("place.chapter_no"),
  offset: bare("place.chapter_offset"),
  readAt: instant("place.read_at"),
  deviceId: text("place.device_id"),
});
const historyValue = object({ openedAt: instant("visited.opened_at"), visit: bare("visited.visit") });
const preferencesValue = object({
  channel: orNull(text, "chosen.channel"),
  categoryIds: [
    {
      sql: "coalesce((SELECT json_agg(id) FROM string_to_table(nullif(chosen.category_ids, ''), ',') AS id)::text, '[]')",
    },
  ],
  progressPolicy: text("chosen.progress_policy"),
});
const settingsValue = object({
  brightness: bare("look.brightness"),
  fontSize: bare("look.font_size"),
  background: text("look.background"),
  pageTurn: text("look.page_turn"),
  lineSpacing: bare("look.line_spacing"),
});

/** The current value of each kind of data, or no row if it was removed. */
const values: readonly { readonly kind: ChangedKind; readonly from: string; readonly value: Json }[] = [
  { kind: "book", from: `${shelfViews.shelf_books} AS book WHERE book.book_id = key AND book`, value: bookValue },
  {
    kind: "group",
    from: `${shelfViews.shelf_groups} AS shelf_group WHERE shelf_group.group_id = key AND shelf_group`,
    value: groupValue,
  },
  {
    kind: "place",
    from: `${viewsOf(places).book_places} AS place WHERE place.book_id = key AND place`,
    value: placeValue,
  },
  {
    kind: "history",
    from: `${viewsOf(history).history_books} AS visited WHERE visited.book_id = key AND visited`,
    value: historyValue,
  },
  {
    kind: "preferences",
    from: `${preferencesViews.reader_preferences} AS chosen WHERE chosen`,
    value: preferencesValue,
  },
  { kind: "settings", from: `${preferencesViews.reader_settings} AS look WHERE look`, value: settingsValue },
];
const cases = values.map(
  ({ kind, from, value }) => `WHEN '${kind}' THEN (SELECT ${sqlOf(value)} FROM ${from}.reader_id = $1)`,
);

// All changes of one event are on one page: a token never lies within an event.
const statement = {
  name: "changes-since",
  text: `WITH changed AS (
           SELECT kind, key, position FROM ${viewsOf(changes).reader_changes}
           WHERE reader_id = $1 AND position > $2
           ORDER BY position FETCH FIRST ($3::int4) ROWS WITH TIES)
         SELECT kind, key, position, CASE kind ${cases.join(" ")} END AS value
         FROM changed ORDER BY position, kind, key COLLATE "C"`,
};

const latestStatement = {
  name: "latest-changes",
  text: `SELECT kind, max(position) AS position FROM ${viewsOf(changes).reader_changes}
         WHERE reader_id = $1 AND position > $2 GROUP BY kind`,
};

/** A changed item of a reader: `json` is its current value, null if it was removed. */
export type Changed = {
  readonly kind: ChangedKind;
  readonly key: string;
  readonly position: bigint;
  readonly json: string | null;
};

type Latest = { readonly kind: ChangedKind; readonly position: string };
type Row = Latest & { readonly key: string; readonly value: string | null };

/**
 * The changes of a reader's data after a log position, the latest last: at least `limit` if there are that many, and all
 * changes of the last event. Values may be newer than their position.
 */
export async function changesSince(
  pool: Pool,
  { readerId, after, limit }: { readonly readerId: string; readonly after: bigint; readonly limit: number },
): Promise<readonly Changed[]> {
  const { rows } = await pool.query<Row>({ ...statement, values: [readerId, after, limit] });
  return rows.map(({ kind, key, position, value }) => ({ kind, key, position: BigInt(position), json: value }));
}

/** The position of a reader's last change of each kind after a log position. Kinds of which nothing changed since are missing. */
export async function latestChanges(
  pool: Pool,
  { readerId, after }: { readonly readerId: string; readonly after: bigint },
): Promise<ReadonlyMap<ChangedKind, bigint>> {
  const { rows } = await pool.query<Latest>({ ...latestStatement, values: [readerId, after] });
  return new Map(rows.map(({ kind, position }) => [kind, BigInt(position)]));
}
