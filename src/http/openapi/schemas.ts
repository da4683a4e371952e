import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schemas of a document: those that have a name stand once, and are referred to. */
export type Schemas = {
  /** `zod` as JSON Schema: "input" is what a client may send, "output" what it gets. */
  of(zod: z.ZodType, io: "input" | "output"): JsonSchema;
  /** As `of`, under a name of its own, unless the schema has one (`.meta({ id })`): answers a reference. */
  named(name: string, zod: z.ZodType, io: "input" | "output"): JsonSchema;
  /** All that were named, by name. */
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

/** A pattern that is one only with the flag u, which many readers of JSON Schema do not set. */
const needsFlagU = /\\[pP]\{|\\u\{/;

/**
 * Takes away what says nothing to a client: the patterns that zod adds to formats (200 characters for a time), those that
 * need the flag u, and the bounds of what a Number holds.
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
