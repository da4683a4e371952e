import { z } from "zod";
import type { Endpoint } from "../endpoint.ts";
import { problems, shownCode } from "../problems.ts";
import { type answerHeaders, headerRefs, requestHeaders } from "./headers.ts";
import { problemsOf } from "./problemsOf.ts";
import type { JsonSchema, Schemas } from "./schemas.ts";

type Parameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
};
type Response = {
  readonly description: string;
  readonly headers: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
};

/** An Operation Object: one method of one path. */
export type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Response["content"] };
  readonly responses: Readonly<Record<string, Response>>;
};

/** The declaration in OpenAPI's terms. Named schemas are added to `schemas`. */
export function operationOf(endpoint: Endpoint, schemas: Schemas): Operation {
  const { path, access, summary, params, query, headers, body } = endpoint;
  const id = operationId(endpoint);
  const description = [endpoint.description, access === "open" ? undefined : `For the role \`${access}\`.`];
  const text = description.filter((part) => part !== undefined).join(" ");
  return {
    operationId: id,
    summary,
    ...(text === "" ? {} : { description: text }),
    tags: [path.split("/").find((part) => part !== "" && part !== "v1") ?? "v1"],
    security: securityOf(endpoint),
    parameters: [
      ...parameters("path", params, schemas),
      ...parameters("query", query, schemas),
      ...parameters("header", headers, schemas),
    ],
    ...(body === undefined ? {} : { requestBody: requestBody(id, endpoint, body, schemas) }),
    responses: { ...answers(id, endpoint, schemas), ...problemResponses(endpoint) },
  };
}

/** The token of an open endpoint is optional, which `{}` expresses. */
function securityOf({ access, readerOf }: Endpoint): Operation["security"] {
  if (access !== "open") return [{ accessToken: [] }];
  return readerOf === undefined ? [] : [{}, { accessToken: [] }];
}

/** `GET /v1/books/{bookId}` is `getBooksByBookId`: derived from method and path, so that it is stable. */
function operationId({ method, path }: Endpoint): string {
  const words = path.split(/[/-]/).filter((part) => part !== "" && part !== "v1");
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return method + words.map((word) => capital(word.replace(/^\{(\w+)\}$/, (_, name) => `By${capital(name)}`))).join("");
}

function parameters(place: Parameter["in"], zod: z.ZodType | undefined, schemas: Schemas): Parameter[] {
  if (zod === undefined) return [];
  const { properties = {}, required = [] } = schemas.of(zod, "input") as {
    properties?: Record<string, JsonSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = withoutNull(property);
    const text = place === "header" ? requestHeaders[name] : (description as string | undefined);
    return { name, in: place, required: required.includes(name), ...(text && { description: text }), schema };
  });
}

/** A parameter is text: it can be omitted but never null. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const { type, anyOf, default: fallback, ...rest } = schema;
  const types = Array.isArray(type) ? type.filter((name) => name !== "null") : [type];
  const kinds = Array.isArray(anyOf) ? anyOf.filter((kind: JsonSchema) => kind.type !== "null") : [];
  return {
    ...rest,
    ...(type !== undefined && { type: types.length === 1 ? types[0] : types }),
    ...(kinds.length > 1 ? { anyOf: kinds } : kinds[0]),
    ...(fallback !== null && fallback !== undefined && { default: fallback }),
  };
}

/** The bytes of a file. `format: binary` is from OpenAPI 3.0; generated clients then accept a Blob. */
const file: JsonSchema = { type: "string", format: "binary" };

function requestBody(
  id: string,
  { upload }: Endpoint,
  body: z.ZodType,
  schemas: Schemas,
): NonNullable<Operation["requestBody"]> {
  if (upload !== undefined) {
    return { required: true, content: Object.fromEntries(upload.types.map((type) => [type, { schema: file }])) };
  }
  const schema = schemas.named(`${pascal(id)}Body`, body, "input");
  // A missing body counts as an empty one.
  return { required: !body.safeParse({}).success, content: { "application/json": { schema } } };
}

function answers(id: string, endpoint: Endpoint, schemas: Schemas): Record<string, Response> {
  const { response, statuses = [200], answerHeaders: own = [] } = endpoint;
  const headers = headerRefs(["X-Request-Id", ...own]);
  const empty = response instanceof z.ZodVoid || response instanceof z.ZodUndefined;
  const content = empty ? {} : { content: answerContent(id, endpoint, schemas) };
  const made = statuses.map((status) => [status, { description: statusText(status), headers, ...content }]);
  if (own.includes("ETag")) made.push([304, { description: "Not modified since If-None-Match.", headers }]);
  return Object.fromEntries(made);
}

function answerContent(
  id: string,
  { response, contentTypes }: Endpoint,
  schemas: Schemas,
): NonNullable<Response["content"]> {
  if (contentTypes === undefined) {
    return { "application/json": { schema: schemas.named(`${pascal(id)}Answer`, response, "output") } };
  }
  return Object.fromEntries(contentTypes.map((type) => [type, { schema: { type: "string" } }]));
}

const statusText = (status: number) =>
  ({
    200: "Done.",
    201: "Created.",
    202: "Accepted; processing continues in the background.",
    204: "Done; no content.",
  })[status] ?? "The response, with another status.";

/** One response per status: problem details with the possible values of `code`. */
function problemResponses(endpoint: Endpoint): Record<string, Response> {
  const byStatus = new Map<number, string[]>();
  for (const code of problemsOf(endpoint)) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const own = endpoint.statuses ?? [];
  const responses = [...byStatus]
    .filter(([status]) => !own.includes(status))
    .map(([status, codes]) => {
      const known = codes as (keyof typeof problems)[];
      const names: (keyof typeof answerHeaders)[] = ["X-Request-Id"];
      if (known.some((code) => "retryAfter" in problems[code])) names.push("Retry-After");
      if (status === 401) names.push("WWW-Authenticate");
      const schema = {
        allOf: [
          { $ref: "#/components/schemas/Problem" },
          { type: "object", properties: { status: { const: status }, code: { enum: known.map(shownCode) } } },
        ],
      };
      const description = known.map((code) => `\`${shownCode(code)}\`: ${problems[code].title}.`).join(" ");
      return [status, { description, headers: headerRefs(names), content: { "application/problem+json": { schema } } }];
    });
  return Object.fromEntries(responses);
}

const pascal = (id: string) => id.charAt(0).toUpperCase() + id.slice(1);
