import { type Dynamic, emptyMapping, type Field, type ObjectField } from "../indices/mapping.ts";
import { Failure } from "../json/failure.ts";
import type { Entry, Node } from "../json/node.ts";
import type { Source } from "../json/source.ts";
import { parseDate } from "./dates.ts";

/** The fields that a document adds to the mapping of its index. */
export type Dynamics = { readonly rule: Dynamic; add(path: string, property: Field | ObjectField): void };

/** The field for a name that the mapping does not have: derived from the value; undefined when it is ignored; strict mappings refuse it. */
export function dynamicField(
  entry: Entry,
  name: string,
  rest: readonly string[],
  parent: ObjectField,
  source: Source,
  dynamics: Dynamics,
): Field | ObjectField | undefined {
  const rule = parent.dynamic ?? dynamics.rule;
  if (rule === "strict") {
    const within = parent.path === "" ? "_doc" : parent.path;
    const reason = `[${source.at(entry.value.start)}] mapping set to strict, dynamic introduction of [${name}] within [${within}] is not allowed`;
    throw new Failure("strict_dynamic_mapping_exception", reason);
  }
  if (rule === "false") return undefined;
  const path = parent.path === "" ? name : `${parent.path}.${name}`;
  const made = rest.length > 0 ? { ...emptyMapping, path } : fieldFor(entry.value, path);
  if (made === undefined) return undefined;
  dynamics.add(path, made);
  return made;
}

const field = (path: string, type: string, params = {}, fields: [string, Field][] = []): Field => ({
  kind: "field",
  path,
  type,
  params,
  fields: new Map(fields),
});

const otherDates = "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis";

function fieldFor(node: Node, path: string): Field | ObjectField | undefined {
  switch (node.kind) {
    case "object":
      return { ...emptyMapping, path };
    case "array": {
      const first = node.items.find(({ kind }) => kind !== "null");
      return first === undefined ? undefined : fieldFor(first, path);
    }
    case "boolean":
      return field(path, "boolean");
    case "number":
      return field(path, /[.eE]/.test(node.raw) ? "float" : "long");
    case "string": {
      if (isDate(node.value, "strict_date_optional_time") && /^\d{4}-?/.test(node.value)) return field(path, "date");
      if (isDate(node.value, "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd"))
        return field(path, "date", { format: otherDates, locale: "" });
      const keyword = field(`${path}.keyword`, "keyword", { ignore_above: 256 });
      return field(path, "text", {}, [["keyword", keyword]]);
    }
    default:
      return undefined;
  }
}

function isDate(value: string, formats: string): boolean {
  if (!/^\d+[-/T]/.test(value)) return false;
  try {
    parseDate(value, formats);
    return true;
  } catch {
    return false;
  }
}
