// JSON made in SQL, as JSON.stringify would write it. Strung together with ||: json_build_object looks up the type of each
// argument anew for each row, which is 1.5 µs for two fields where this takes 0.2 (Postgres 18).

type Piece = { readonly text: string } | { readonly sql: string };

/** A JSON value that SQL makes of columns: pieces of text as they stand, and expressions of type text that are never null. */
export type Json = readonly Piece[];

/** A text column. */
export const text = (column: string): Json => [{ sql: `to_json(${column})::text` }];

/** A text column that holds letters and digits only, such as an id of ours: nothing is escaped. */
export const plain = (column: string): Json => [{ text: '"' }, { sql: column }, { text: '"' }];

/** A number or a boolean. */
export const bare = (column: string): Json => [{ sql: `(${column})::text` }];

/** A timestamptz as Date.prototype.toISOString writes it, for the years 1 to 9999; what is below a millisecond is cut off. */
export const instant = (column: string): Json => [
  { text: '"' },
  { sql: `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` },
  { text: '"' },
];

/** `value`, or null where the column that it is made of is. */
export const orNull = (value: (column: string) => Json, column: string): Json => [
  { sql: `coalesce(${sqlOf(value(column))}, 'null')` },
];

/** `value` where the condition holds, else null. */
export const nullUnless = (condition: string, value: Json): Json => [
  { sql: `CASE WHEN ${condition} THEN ${sqlOf(value)} ELSE 'null' END` },
];

/** An object with these fields in this order. */
export function object(fields: Readonly<Record<string, Json>>): Json {
  const pairs = Object.entries(fields).flatMap(
    ([name, value], index): Json => [{ text: `${index === 0 ? "{" : ","}${JSON.stringify(name)}:` }, ...value],
  );
  return [...pairs, { text: "}" }];
}

/** The expression that makes the text of `json`. */
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
