import { type Json, sqlOf } from "./json.ts";

/**
 * One page of a list as Postgres makes it: the JSON of its items with commas between, the ids of what they show, and the
 * place of the last one if another page follows, else null.
 */
export type JsonPage = { readonly items: string; readonly shown: readonly string[]; readonly next: string | null };

type PageRow = { readonly items: string | null; readonly shown?: string | null; readonly next?: string | null };

/**
 * The SQL of one page: a row of `items`, `shown` and `next`. `rows` is FROM, WHERE and ORDER BY; `limit` is the parameter that
 * says how many items there are at most. One row more is read, which tells whether a page follows. `place` is an expression
 * of the columns that it names, each as `last(column)`: only the last item's are made into text.
 */
export function pageSql(page: {
  readonly item: Json;
  readonly rows: string;
  readonly limit: string;
  /** The id of what an item shows; without it nobody asks. */
  readonly shown?: string;
  readonly place: Readonly<Record<string, string>>;
  next(last: (column: string) => string): string;
  /** More columns of the answer, which may look at `items`. */
  readonly more?: string;
}): string {
  const { item, rows, limit, shown, place, next, more } = page;
  const most = `${limit}::int4`;
  const columns = Object.entries(place);
  const inner = [`${sqlOf(item)} AS item`, ...columns.map(([name, column]) => `${column} AS ${name}`)];
  const outer = ["array_agg(item) AS items", ...columns.map(([name]) => `array_agg(${name}) AS ${name}`)];
  if (shown !== undefined) {
    inner.push(`${shown} AS id`);
    outer.push("array_agg(id) AS ids");
  }
  return `SELECT array_to_string(items[:${most}], ',') AS items,
                 ${shown === undefined ? "NULL" : `array_to_string(ids[:${most}], ',')`} AS shown,
                 CASE WHEN cardinality(items) > ${most} THEN ${next((column) => `${column}[${most}]`)} END AS next
                 ${more === undefined ? "" : `, ${more}`}
          FROM (SELECT ${outer.join(", ")}
                FROM (SELECT ${inner.join(", ")} ${rows} LIMIT ${most} + 1) AS row) AS page`;
}

/** The page that the row of `pageSql` is. */
export function pageOf(row: PageRow | undefined): JsonPage {
  const { items = null, shown = null, next = null } = row ?? {};
  return { items: items ?? "", shown: shown === null || shown === "" ? [] : shown.split(","), next };
}
