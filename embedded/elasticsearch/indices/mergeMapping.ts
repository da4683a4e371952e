import { illegalArgument } from "../json/failure.ts";
import { fieldTypes } from "./fieldTypes.ts";
import type { Field, ObjectField } from "./mapping.ts";

/** Merges a mapping into an existing one: new fields are added; of existing ones only some parameters may change. */
export function mergeMapping(old: ObjectField, added: ObjectField): ObjectField {
  const properties = new Map(old.properties);
  for (const [name, property] of added.properties) {
    const known = properties.get(name);
    properties.set(name, known === undefined ? property : mergeProperty(known, property));
  }
  return { ...old, dynamic: added.dynamic ?? old.dynamic, properties, extra: { ...old.extra, ...added.extra } };
}

function mergeProperty(old: Field | ObjectField, added: Field | ObjectField): Field | ObjectField {
  if (old.kind === "object" && added.kind === "object") return mergeMapping(old, added);
  if (old.kind === "object" || added.kind === "object") {
    throw illegalArgument(`can't merge a non object mapping [${old.path}] with an object mapping`);
  }
  return mergeField(old, added);
}

function mergeField(old: Field, added: Field): Field {
  if (old.type !== added.type) {
    throw illegalArgument(`mapper [${old.path}] cannot be changed from type [${old.type}] to [${added.type}]`);
  }
  const parameters = fieldTypes[old.type]!;
  const conflicts = Object.entries(parameters).flatMap(([name, { fallback, updatable }]) => {
    const [from, to] = [old.params[name], added.params[name]];
    if (updatable === true || String(from) === String(to)) return [];
    return [
      `\tCannot update parameter [${name}] from [${shown(name, from ?? fallback, old.type)}] to [${shown(name, to ?? fallback, old.type)}]`,
    ];
  });
  if (conflicts.length > 0) {
    throw illegalArgument(`Mapper for [${old.path}] conflicts with existing mapper:\n${conflicts.join("\n")}`);
  }
  const fields = new Map(old.fields);
  for (const [name, field] of added.fields) {
    const known = fields.get(name);
    fields.set(name, known === undefined ? field : mergeField(known, field));
  }
  return { ...added, fields };
}

/** The form in which Elasticsearch prints a parameter of a field. */
function shown(name: string, value: unknown, type: string): unknown {
  if (name === "analyzer") return value ?? "default";
  if (name === "doc_values" && type === "keyword") {
    return `Values[enabled=${value}, cardinality=low, multiValue=${value === true ? "sorted_set" : "sorted"}]`;
  }
  return value ?? null;
}
