import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schemas of a document: named ones are components and referenced. */
export type Schemas = {
  /** `zod` as JSON Schema: "input" is what a client may send, "output" what it receives. */
  of(zod: z.ZodType, io: "input" | "output"): JsonSchema;
  /** Like `of`, as a component with this name unless the schema has its own (`.meta({ id })`); returns a reference. */
  named(name: string, zod: z.ZodType, io: "input" | "output"): JsonSchema;
  /** All components by name. */
  all(): Readonly<Record<string, JsonSchema>>;
};

export function createSchemas(): Schemas {
  const components = new Map<string, JsonSchema>();

  const add = (name: string, schema: JsonSchema) => {
    const known = components.get(name);
    if (known !== undefined && !isDeepStrictEqual(known, schema)) {
      throw new Error(`two schemas of the API have the name ${name}`);
    }
    components.set(name, schema);
  };

  const of: Schemas["of"] = (zod, io) => {
    const made = z.toJSONSchema(zod, { io, target: "draft-2020-12", override: simplify });
    const { $schema: _, $defs = {}, ...schema } = plain(made) as JsonSchema & { $defs?: Record<string, JsonSchema> };
    for (const [name, definition] of Object.entries($defs)) add(name, definition);
    return schema;
  };

  return {
    of,
    named(name, zod, io) {
      const schema = of(zod, io);
      if ("$ref" in schema) return schema;
      add(name, schema);
      return { $ref: reference(name) };
    },
    all: () => Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Patterns that are valid only with the flag u, which many JSON Schema validators do not set. */
const needsFlagU = /\\[pP]\{|\\u\{/;

/**
 * Removes what is useless to a client: the patterns that zod adds to formats (200 characters for a time), those that need the
 * flag u, and the bounds of safe integers.
 */
function simplify({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  if ("format" in jsonSchema) delete jsonSchema.pattern;
  if (typeof jsonSchema.pattern === "string" && needsFlagU.test(jsonSchema.pattern)) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}

const reference = (name: string) => `#/components/schemas/${name}`;

/** The schema as plain JSON, with references into the document instead of into itself. */
function plain(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === "$ref" && typeof value === "string" ? value.replace(/^#\/\$defs\//, reference("")) : value,
  );
}
