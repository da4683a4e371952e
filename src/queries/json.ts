// JSON built in SQL, formatted as JSON.stringify does. Concatenated with ||: json_build_object looks up the type of each
// argument for each row, 1.5 µs for two fields where this takes 0.2 (Postgres 18).

type Piece = { readonly text: string } | { readonly sql: string };

/** A JSON value built by SQL: literal pieces, and SQL expressions of type text that are never null. */
export type Json = readonly Piece[];

/** A text column. */
export const text = (column: string): Json => [{ sql: `to_json(${column})::text` }];

/** A text column that contains only letters and digits, such as our ids: nothing is escaped. */
export const plain = (column: string): Json => [{ text: '"' }, { sql: column }, { text: '"' }];

/** A number or a boolean. */
export const bare = (column: string): Json => [{ sql: `(${column})::text` }];

/** A timestamptz formatted as by Date.prototype.toISOString, for the years 1 to 9999; fractions of a millisecond are cut off. */
export const instant = (column: string): Json => [
  { text: '"' },
  { sql: `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` },
  { text: '"' },
];

/** `value`, or null if its column is null. */
export const orNull = (value: (column: string) => Json, column: string): Json => [
  { sql: `coalesce(${sqlOf(value(column))}, 'null')` },
];

/** `value` if the condition holds, else null. */
export const nullUnless = (condition: string, value: Json): Json => [
  { sql: `CASE WHEN ${condition} THEN ${sqlOf(value)} ELSE 'null' END` },
];

/** An object with these fields, in this order. */
export function object(fields: Readonly<Record<string, Json>>): Json {
  const pairs = Object.entries(fields).flatMap(
    ([name, value], index): Json => [{ text: `${index === 0 ? "{" : ","}${JSON.stringify(name)}:` }, ...value],
  );
  return [...pairs, { text: "}" }];
}

/** The SQL expression for the text of `json`. */
export function sqlOf(json: Json): string {
  const merged: Piece[] = [];
  for (const piece of json) {
    const last = merged.at(-1);
    if (last !== undefined && "text" in last && "text" in piece)
      merged[merged.length - 1] = { text: last.text + piece.text };
    else merged.push(piece);
  }
  return merged.map((piece) => ("sql" in piece ? piece.sql : `'${piece.text.replaceAll("'", "''")}'`)).join(" || ");
}
