const map = (value: object) => ({ type: "object", additionalProperties: value });
const closed = (properties: Record<string, object>, required: readonly string[]) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const text = { type: "string", minLength: 1 };
const referenceTo = (kind: string) =>
  closed({ $ref: { type: "string", pattern: `^#/components/${kind}/\\w` } }, ["$ref"]);
/** Any schema of draft 2020-12; ajv has its dialect under this name. */
const schema = { $ref: "https://json-schema.org/draft/2020-12/schema" };
const content = {
  ...map(closed({ schema }, ["schema"])),
  minProperties: 1,
  propertyNames: { pattern: "^\\w+/[\\w.+-]+$" },
};

const response = closed(
  { description: text, headers: map(referenceTo("headers")), content },
  // OpenAPI requires only the description.
  ["description", "headers"],
);

const parameter = {
  ...closed(
    { name: text, in: { enum: ["path", "query", "header"] }, required: { type: "boolean" }, description: text, schema },
    ["name", "in", "required", "schema"],
  ),
  // "If the parameter location is path, this field is required and its value must be true."
  if: { properties: { in: { const: "path" } } },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
  then: { properties: { required: { const: true } } },
};

const operation = closed(
  {
    operationId: { type: "string", pattern: "^[a-z]\\w+$" },
    summary: { type: "string", pattern: "^[A-Z].*[^.]$", maxLength: 100 },
    description: text,
    tags: { type: "array", items: text, minItems: 1, uniqueItems: true },
    security: { type: "array", items: map({ type: "array", items: text }) },
    parameters: { type: "array", items: parameter, uniqueItems: true },
    requestBody: closed({ required: { type: "boolean" }, content }, ["required", "content"]),
    responses: {
      type: "object",
      patternProperties: { "^[1-5]\\d\\d$": response },
      additionalProperties: false,
      minProperties: 1,
    },
  },
  ["operationId", "summary", "tags", "security", "parameters", "responses"],
);

/**
 * The part of OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html, "Schema" of each object) that our document uses, as a JSON
 * Schema. It is narrower than the specification: anything not listed here is refused.
 */
export const openApiSchema = closed(
  {
    openapi: { const: "3.1.1" },
    info: closed({ title: text, version: text, description: text }, ["title", "version"]),
    servers: { type: "array", items: closed({ url: text }, ["url"]) },
    tags: { type: "array", items: closed({ name: text }, ["name"]), uniqueItems: true },
    paths: {
      type: "object",
      patternProperties: {
        "^/": closed({ get: operation, put: operation, post: operation, delete: operation }, []),
      },
      additionalProperties: false,
      minProperties: 1,
    },
    components: {
      ...closed(
        {
          schemas: map(schema),
          headers: map(closed({ description: text, schema }, ["schema"])),
          securitySchemes: map(
            closed({ type: { const: "http" }, scheme: { const: "bearer" }, bearerFormat: text }, ["type", "scheme"]),
          ),
        },
        [],
      ),
      additionalProperties: false,
    },
  },
  ["openapi", "info", "paths", "components"],
);
