import { Bits } from "../index/bits.ts";
import { hasValue } from "../index/column.ts";
import type { Snapshot } from "../index/snapshot.ts";
import { matchingPaths } from "../indices/lookup.ts";
import { Failure } from "../json/failure.ts";
import { type Node, text } from "../json/node.ts";
import { parsingException, readObject, textList } from "../json/reader.ts";
import { all, matchNone, type Query } from "../scoring/query.ts";
import { isScalar, newCommon, readCommon, requireField, unsupported, withCommon } from "./common.ts";
import type { QueryParser } from "./context.ts";

/** Documents by their ids. */
export const ids: QueryParser = (body, source) => {
  const common = newCommon();
  let values: string[] = [];
  const shared = (value: Node, { key }: { key: string }) => void readCommon(common, key, value, () => ({ ids: {} }));
  const read = (value: Node) => {
    const items = value.kind === "array" ? value.items : [value];
    const odd = items.find((item) => !isScalar(item) && item.kind !== "null");
    if (odd !== undefined) {
      throw new Failure(
        "illegal_state_exception",
        `expected value but got [${odd.kind === "array" ? "START_ARRAY" : "START_OBJECT"}]`,
        { at: odd.start },
      );
    }
    values = textList(value);
  };
  try {
    readObject(
      source,
      "ids",
      body,
      { values: read, boost: shared, _name: shared },
      { values: ["array", "string", "number", "boolean"] },
    );
  } catch (error) {
    if (!(error instanceof Failure) || error.type !== "x_content_parse_exception") throw error;
    throw parsingException(source, error.at ?? body.start, error.reason!, error);
  }
  return withCommon(common, () => byIds(values));
};

export function byIds(values: readonly string[]): Query {
  if (values.length === 0) return matchNone;
  const wanted = new Set(values);
  return {
    k: "set",
    key: `ids:${JSON.stringify([...wanted].toSorted())}`,
    docs: (snapshot) => Int32Array.from([...wanted].flatMap((id) => snapshot.numberOf(id) ?? [])).sort(),
  };
}

/** Documents with a value of the field; a text field counts if it has any value, even one without tokens. */
export const exists: QueryParser = (body, source) => {
  const common = newCommon();
  let field: string | undefined;
  for (const { key, value } of body.entries) {
    if (!isScalar(value)) {
      const token = value.kind === "object" ? "START_OBJECT" : value.kind === "array" ? "START_ARRAY" : "VALUE_NULL";
      throw parsingException(source, value.start, `[exists] unknown token [${token}] after [${key}]`);
    }
    if (key === "field") field = text(value)!;
    else if (!readCommon(common, key, value, () => ({ exists: { field } })))
      throw unsupported(source, value.start, "exists", key);
  }
  if (field === undefined) throw parsingException(source, body.end - 1, "[exists] must be provided with a [field]");
  const path = requireField(field);
  return withCommon(common, ({ fields }) => {
    if (["_id", "_index", "_source", "_seq_no", "_version"].includes(path)) return all;
    const named = fields.has(path) ? [path] : matchingPaths(fields, path.includes("*") ? path : `${path}.*`);
    return named.length === 0 ? matchNone : withValue(named);
  });
};

function withValue(paths: readonly string[]): Query {
  return {
    k: "set",
    key: `exists:${JSON.stringify(paths)}`,
    asksForFields: "other",
    docs: (snapshot: Snapshot) => {
      const docs = new Bits(snapshot.maxDoc);
      for (const { segment, base, live } of snapshot.leaves) {
        for (const path of paths) {
          const column = segment.column(path);
          const norms = segment.index(path)?.norms;
          for (let doc = 0; doc < segment.docs.length; doc++) {
            const has = column === undefined ? norms !== undefined && norms[doc]! >= 0 : hasValue(column, doc);
            if (has && (live === undefined || live.has(doc))) docs.add(base + doc);
          }
        }
      }
      return docs.docs();
    },
  };
}
