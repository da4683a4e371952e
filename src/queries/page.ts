import { type Json, sqlOf } from "./json.ts";

/**
 * One page of a list as built by Postgres: the comma-separated JSON of its items, the ids of the items shown, and the place of
 * the last item if another page follows, else null.
 */
export type JsonPage = { readonly items: string; readonly shown: readonly string[]; readonly next: string | null };

type PageRow = { readonly items: string | null; readonly shown?: string | null; readonly next?: string | null };

/**
 * The SQL of one page: a row of `items`, `shown` and `next`. `rows` is FROM, WHERE and ORDER BY; `limit` is the parameter with
 * the maximum number of items. One more row is read, to see whether a page follows. `place` is an expression over the columns
 * that it names, each as `last(column)`: it is evaluated for the last item only.
 */
export function pageSql(page: {
  readonly item: Json;
  readonly rows: string;
  readonly limit: string;
  /** The id of what an item shows; omitted if no caller needs it. */
  readonly shown?: string;
  readonly place: Readonly<Record<string, string>>;
  next(last: (column: string) => string): string;
  /** Additional result columns, which may refer to `items`. */
  readonly more?: string;
}): string {
  const { item, rows, limit, shown, place, next, more } = page;
  const limitSql = `${limit}::int4`;
  const columns = Object.entries(place);
  const inner = [`${sqlOf(item)} AS item`, ...columns.map(([name, column]) => `${column} AS ${name}`)];
  const outer = ["array_agg(item) AS items", ...columns.map(([name]) => `array_agg(${name}) AS ${name}`)];
  if (shown !== undefined) {
    inner.push(`${shown} AS id`);
    outer.push("array_agg(id) AS ids");
  }
  return `SELECT array_to_string(items[:${limitSql}], ',') AS items,
                 ${shown === undefined ? "NULL" : `array_to_string(ids[:${limitSql}], ',')`} AS shown,
                 CASE WHEN cardinality(items) > ${limitSql} THEN ${next((column) => `${column}[${limitSql}]`)} END AS next
                 ${more === undefined ? "" : `, ${more}`}
          FROM (SELECT ${outer.join(", ")}
                FROM (SELECT ${inner.join(", ")} ${rows} LIMIT ${limitSql} + 1) AS row) AS page`;
}

/** Converts a row of `pageSql` to a page. */
export function pageOf(row: PageRow | undefined): JsonPage {
  const { items = null, shown = null, next = null } = row ?? {};
  return { items: items ?? "", shown: shown === null || shown === "" ? [] : shown.split(","), next };
}
