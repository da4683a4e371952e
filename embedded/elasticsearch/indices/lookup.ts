import { glob } from "../json/filterPath.ts";
import type { Field, ObjectField } from "./mapping.ts";

/** The fields of a mapping by their full path, multi-fields (`title.kw`) included. */
export function fieldsByPath(mapping: ObjectField): ReadonlyMap<string, Field> {
  const all = new Map<string, Field>();
  const add = (field: Field) => {
    all.set(field.path, field);
    for (const sub of field.fields.values()) add(sub);
  };
  const walk = (object: ObjectField) => {
    for (const property of object.properties.values()) {
      if (property.kind === "object") walk(property);
      else add(property);
    }
  };
  walk(mapping);
  return all;
}

/** The paths that a pattern with `*` matches, in order. */
export function matchingPaths(fields: ReadonlyMap<string, Field>, pattern: string): string[] {
  if (!pattern.includes("*")) return fields.has(pattern) ? [pattern] : [];
  return [...fields.keys()].filter((path) => glob(pattern, path)).toSorted();
}
