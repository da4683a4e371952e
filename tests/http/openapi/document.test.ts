import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Endpoint } from "../../../src/http/endpoint.ts";
import { endpoint } from "../../../src/http/endpoint.ts";
import { openApiDocument } from "../../../src/http/openapi/document.ts";
import { problemCodes, problems, shownCode } from "../../../src/http/problems.ts";
import { queryEndpoint } from "../../../src/http/queryEndpoint.ts";
import { describedEndpoints, documented } from "./described.ts";
import { openApiSchema } from "./openApiSchema.ts";

type Json = Readonly<Record<string, unknown>>;
/** A copy of the document that a test may modify. */
// biome-ignore lint/suspicious/noExplicitAny: any part of it, at any depth
type Changeable = any;
type ProblemSchema = { allOf: [unknown, { properties: { code: { enum: string[] } } }] };

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
const document = plain(documented()) as ReturnType<typeof documented>;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** The errors of a document by the rules of OpenAPI 3.1. */
function faults(given: unknown): string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const validate = ajv.compile(openApiSchema);
  return validate(given)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe("the document", () => {
  test("keeps the rules of OpenAPI 3.1", () => {
    expect(faults(document)).toEqual([]);
  });

  test.each<[what: string, change: (document: Changeable) => void]>([
    ["without a title", (given) => delete given.info.title],
    ["of another version", (given) => Object.assign(given, { openapi: "3.0.3" })],
    ["with a path that does not begin with a slash", (given) => Object.assign(given.paths, { "v1/x": {} })],
    [
      "whose path parameter is optional",
      (given) => {
        given.paths["/v1/books/{bookId}"].get.parameters[0].required = false;
      },
    ],
    [
      "with a response that has no description",
      (given) => delete given.paths["/v1/books"].get.responses["200"].description,
    ],
    ["with a schema that is none", (given) => Object.assign(given.components.schemas, { Broken: { type: "text" } })],
  ])("%s would be refused", (_what, change) => {
    const changed = plain(document);
    change(changed);
    expect(faults(changed)).not.toEqual([]);
  });

  test("has every endpoint once, under an id of its own, and each reference leads somewhere", () => {
    const declared = describedEndpoints().map(({ method, path }) => `${method} ${path}`);
    expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...declared].sort());
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids)).toHaveLength(ids.length);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, pointer]) => pointer!);
    expect(references.length).toBeGreaterThan(0);
    for (const pointer of new Set(references)) {
      const found = pointer.split("/").reduce<unknown>((part, step) => (part as Json | undefined)?.[step], document);
      expect([pointer, found]).toEqual([pointer, expect.any(Object)]);
    }
  });

  test("gives each parameter of a path its place, and none more", () => {
    for (const { path, operation } of operations) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
      expect(inPath.sort()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
    }
  });

  test("has the codes of each problem under its status, with Retry-After where it comes", () => {
    const seen = new Set<string>();
    for (const { operation } of operations) {
      for (const [status, response] of Object.entries(operation.responses)) {
        const schema = response.content?.["application/problem+json"]?.schema as ProblemSchema | undefined;
        for (const code of schema?.allOf[1].properties.code.enum ?? []) {
          const kinds: readonly { status: number; retryAfter?: number }[] = problemCodes
            .filter((one) => shownCode(one) === code)
            .map((one) => problems[one]);
          const kind = kinds.find((one) => one.status === Number(status));
          expect(kind, `${code} with ${status}`).toBeDefined();
          if (kind?.retryAfter !== undefined) expect(Object.keys(response.headers)).toContain("Retry-After");
          seen.add(code);
        }
      }
    }
    expect([...seen]).toEqual(
      expect.arrayContaining(["invalid_request", "token_expired", "shelf_full", "internal_error"]),
    );
  });

  test("asks for a token where one is needed, and names it where one is welcome", () => {
    for (const { method, path, access, readerOf } of describedEndpoints()) {
      const operation = document.paths[path]?.[method];
      const needed = [{ accessToken: [] }];
      const welcome = readerOf === undefined ? [] : [{}, ...needed];
      expect(operation?.security).toEqual(access === "open" ? welcome : needed);
      expect(Object.keys(operation?.responses ?? {}).includes("403")).toBe(
        access !== "open" || readerOf !== undefined || /auth\/wechat/.test(path),
      );
    }
  });

  test("describes the headers of commands and queries, and the 304 of a query", () => {
    const put = document.paths["/v1/shelf/{bookId}"]?.put;
    expect(put?.parameters.find(({ name }) => name === "Idempotency-Key")).toMatchObject({
      in: "header",
      required: false,
      schema: { type: "string", format: "uuid" },
    });
    expect(Object.keys(put?.responses["200"]?.headers ?? {})).toEqual([
      "X-Request-Id",
      "Idempotency-Key",
      "Consistency-Token",
    ]);
    const get = document.paths["/v1/shelf"]?.get;
    expect(get?.parameters.map(({ name }) => name)).toContain("Consistency-Token");
    expect(Object.keys(get?.responses["200"]?.headers ?? {})).toEqual(["X-Request-Id", "ETag", "Consistency"]);
    expect(get?.responses["304"]?.content).toBeUndefined();
  });

  test("shows what a client may send, not what becomes of it", () => {
    const parameters = document.paths["/v1/shelf"]?.get?.parameters ?? [];
    const limit = parameters.find(({ name }) => name === "limit");
    expect(limit).toMatchObject({ required: false, schema: { type: "integer", minimum: 1, maximum: 100 } });
    expect(parameters.find(({ name }) => name === "cursor")?.schema).toEqual({ type: "string" });
  });
});

describe("two schemas of one name", () => {
  const named = (path: `/${string}`, response: z.ZodType): Endpoint =>
    queryEndpoint({
      path,
      access: "open",
      summary: "For a test",
      response,
      problems: [],
      reads: [],
      handle: async () => ({}),
    });
  const thing = z.strictObject({ a: z.string() }).meta({ id: "Thing" });

  test("are one when they say the same", () => {
    const { components } = openApiDocument([named("/a", thing), named("/b", z.strictObject({ thing }))], "1");
    expect(Object.keys(components.schemas).sort()).toEqual(["GetBAnswer", "Problem", "Thing"]);
  });

  test("are refused when they do not", () => {
    const other = z.strictObject({ getAAnswer: z.string() }).meta({ id: "GetAAnswer" });
    const endpoints = [named("/a", z.strictObject({ a: z.string() })), named("/b", other)];
    expect(() => openApiDocument(endpoints, "1")).toThrow("two schemas of the API have the name GetAAnswer");
  });
});

test("an answer without a body has none in the document", () => {
  const nothing = endpoint({
    method: "delete",
    path: "/v1/thing",
    access: "open",
    summary: "For a test",
    response: z.undefined(),
    statuses: [204],
    problems: [],
    handle: async () => ({ status: 204, body: undefined }),
  });
  const { responses } = openApiDocument([nothing], "1").paths["/v1/thing"]!.delete!;
  expect(responses["204"]).toEqual({
    description: expect.any(String),
    headers: { "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" } },
  });
  expect(Object.keys(responses)).not.toContain("200");
});
