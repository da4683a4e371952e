import { isDeepStrictEqual } from "node:util";
import type { Build } from "../../engine/core/build.ts";
import type { Row, RowNumbers } from "../../engine/core/declaration.ts";
import { keyText } from "../../engine/core/rowKeys.ts";
import type { ColumnDifference } from "../../engine/ports/readModelStore.ts";
import type { Source } from "./documents.ts";
import { RefusedContents } from "./errors.ts";
import { declared, type EngineField, rowDocument, rowId } from "./layout.ts";

/** Any two times, for a document that does not name the time of its numbers. */
const [someTime, otherTime] = [new Date("2020-01-02T03:04:05Z"), new Date("2024-11-22T13:14:15Z")];

type Fields = Readonly<Record<string, unknown>>;
type RowField = Extract<EngineField, { kind: "row" }>;

/** See `IndexedRow.differencesFrom`: of the document with this id. */
export function differencesOfDocument(build: Build, id: string, source: Source, row: Row): readonly ColumnDifference[] {
  const { asOf, ...numbers } = (source.engine as RowField).numbers ?? {};
  const at = (time: Date) => fieldsOf(build, row, { ...numbers, asOf: time } as unknown as RowNumbers);
  const known = typeof asOf === "string" && !Number.isNaN(Date.parse(asOf)) ? new Date(asOf) : undefined;
  try {
    const expected = at(known ?? someTime);
    const found: Fields = { _id: id, ...comparedFields(source) };
    const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
    const different = [...names].filter((name) => !isDeepStrictEqual(expected[name], found[name]));
    if (different.length === 0) return [];
    const otherwise = known === undefined ? at(otherTime) : expected;
    return different
      .filter((name) => isDeepStrictEqual(expected[name], otherwise[name]))
      .map((name) => ({ column: `document.${name}`, expected: expected[name], found: found[name] }));
  } catch (error) {
    if (!(error instanceof RefusedContents)) throw error;
    return [{ column: "document", expected: error.message, found: comparedFields(source) }];
  }
}

function fieldsOf(build: Build, row: Row, numbers: RowNumbers): Fields {
  const { table } = declared(build);
  const document = JSON.parse(JSON.stringify(rowDocument(build, row, numbers)(0n))) as Source;
  return { _id: rowId(table, keyText(table, row)), ...comparedFields(document) };
}

/** What is searched, and by which fields the engine finds the document. Row and position are compared by others, numbers by nobody. */
function comparedFields({ engine, ...searched }: Source): Fields {
  const { partition, key, columns } = engine as RowField;
  return { ...searched, "engine.partition": partition, "engine.key": key, "engine.columns": columns };
}
