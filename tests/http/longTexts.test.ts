import { expect, test, vi } from "vitest";
import type { z } from "zod";
import { sentUnits } from "../../src/domain/bounded.ts";
import { type CourseDependencies, courseEndpoints } from "../../src/http/course/endpoints.ts";
import { describedEndpoints } from "./openapi/described.ts";

const nothingBehind = new Proxy({}, { get: () => ({}) });
/** The course's paths with a trailing slash have the same schemas. */
const course = courseEndpoints(nothingBehind as CourseDependencies).filter(({ path }) => !path.endsWith("/"));
const endpoints = [...describedEndpoints(), ...course];

type Field = { readonly name: string; readonly schema: z.core.$ZodType };

/** The definition of a schema; see zod's `$ZodTypeDef`. */
type Def = z.core.$ZodTypeDef & {
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly element?: z.core.$ZodType;
  readonly items?: readonly z.core.$ZodType[];
  readonly options?: readonly z.core.$ZodType[];
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
};

/** The fields of a schema that may be texts, with wrappers and transformations. */
function textFields(name: string, schema: z.core.$ZodType, whole = schema): readonly Field[] {
  const def: Def = schema._zod.def;
  switch (def.type) {
    case "string":
      return [{ name, schema: whole }];
    case "object":
      return Object.entries(def.shape ?? {}).flatMap(([key, field]) => textFields(`${name}.${key}`, field));
    case "array":
      return def.element === undefined ? [] : textFields(`${name}[]`, def.element);
    case "tuple":
      return (def.items ?? []).flatMap((item, index) => textFields(`${name}[${index}]`, item));
    case "union":
      return (def.options ?? []).flatMap((option) => textFields(name, option));
    case "pipe":
      return def.in === undefined ? [] : textFields(name, def.in, whole);
    default:
      return def.innerType === undefined ? [] : textFields(name, def.innerType, whole);
  }
}

const fields = endpoints.flatMap((endpoint) =>
  (["params", "query", "headers", "body"] as const).flatMap((part) => {
    const schema = endpoint[part];
    return schema === undefined ? [] : textFields(`${endpoint.method} ${endpoint.path} ${part}`, schema);
  }),
);
const accepts = (schema: z.core.$ZodType, text: string) => (schema as z.ZodType).safeParse(text).success;

const free = fields.filter(({ schema }) => accepts(schema, "重 é!"));
/** Canonical order is quadratic in the number of marks: this takes 0.2 s each time it is normalised, and 256 KiB 6 s. */
const marks = `重${"\u0301\u0316".repeat(12_000)}`;

test("the texts in requests that may be anything", () => {
  expect(free.map(({ name }) => name)).toMatchInlineSnapshot(`
    [
      "post /v1/auth/wechat body.code",
      "post /v1/auth/refresh body.refreshToken",
      "post /v1/auth/logout body.refreshToken",
      "put /v1/me/profile body.rawData",
      "get /v1/shelf query.q",
      "put /v1/shelf/groups/{group} body.name",
      "put /v1/reading/{bookId}/progress body.deviceId",
      "post /v1/reading/progress body.entries[].deviceId",
      "put /v1/reading/{bookId}/bookmarks/{bookmarkId} body.note",
      "get /v1/history query.q",
      "get /v1/search query.q",
      "get /v1/search/suggest query.q",
      "post /v1/search/history/remove body.keyword",
      "put /v1/search/blocked/{keyword} params.keyword",
      "delete /v1/search/blocked/{keyword} params.keyword",
      "get /v1/books/{bookId}/search query.q",
      "post /v1/library/books query.fileName",
      "post /v1/library/books query.title",
      "post /v1/library/books query.author",
      "post /v1/library/books query.category",
      "get /v1/projections/{name}/parked params.name",
      "post /v1/projections/{name}/rebuild params.name",
      "post /v1/projections/{name}/parked/retry params.name",
      "post /v1/projections/{name}/parked/retry body.key",
      "post /v1/projections/{name}/parked/skip params.name",
      "post /v1/projections/{name}/parked/skip body.reason",
      "post /users/login body.code",
      "post /users/login body.iv",
      "post /users/login body.envryptedData",
      "post /users/login body.encryptedData",
      "post /user/login body.code",
      "post /user/login body.iv",
      "post /user/login body.envryptedData",
      "post /user/login body.encryptedData",
      "post /mybooks/{book_id} params.book_id",
      "delete /mybooks/{book_id} params.book_id",
      "get /categories query.gender",
      "get /categories/filters query.page",
      "get /categories/filters query.pagesize",
      "get /categories/filters query.category_id",
      "get /categories/filters query.words",
      "get /categories/filters query.order",
      "get /recommend/hots/{category_id} params.category_id",
      "get /book/{id} params.id",
      "get /book/chapters/{id} params.id",
      "get /book/chapters/{id} query.page",
      "get /book/chapters/{id} query.pagesize",
      "get /book/chapters/{id} query.order",
      "get /book/reader/{id} params.id",
      "get /book/reader/{id} query.chapter_id",
      "get /search/tags query.key_word",
      "get /search/books query.key_word",
      "get /search/books query.page",
      "get /search/books query.pagesize",
      "get /search/recommends query.key_word",
      "get /my/histories query.page",
      "get /my/histories query.pagesize",
    ]
  `);
});

test("a text is not normalised before it is known to be short", () => {
  const { normalize } = String.prototype;
  let longest = 0;
  vi.spyOn(String.prototype, "normalize").mockImplementation(function (this: string, form?: string) {
    longest = Math.max(longest, this.length);
    return normalize.call(this, form);
  });
  const tooLong = fields.filter(({ schema }) => {
    longest = 0;
    accepts(schema, marks);
    return longest > sentUnits(500);
  });
  vi.restoreAllMocks();
  expect(fields.length).toBeGreaterThan(100);
  expect(tooLong.map(({ name }) => name)).toEqual([]);
});

test("a text that is too long is refused, except where it is looked up or cut", () => {
  const taken = free.filter(({ schema }) => accepts(schema, marks)).map(({ name }) => name);
  expect(taken).toMatchInlineSnapshot(`
    [
      "get /v1/projections/{name}/parked params.name",
      "post /v1/projections/{name}/rebuild params.name",
      "post /v1/projections/{name}/parked/retry params.name",
      "post /v1/projections/{name}/parked/skip params.name",
      "post /users/login body.code",
      "post /users/login body.iv",
      "post /users/login body.envryptedData",
      "post /users/login body.encryptedData",
      "post /user/login body.code",
      "post /user/login body.iv",
      "post /user/login body.envryptedData",
      "post /user/login body.encryptedData",
      "get /categories query.gender",
      "get /categories/filters query.page",
      "get /categories/filters query.pagesize",
      "get /categories/filters query.category_id",
      "get /categories/filters query.words",
      "get /categories/filters query.order",
      "get /book/chapters/{id} query.page",
      "get /book/chapters/{id} query.pagesize",
      "get /book/chapters/{id} query.order",
      "get /search/tags query.key_word",
      "get /search/books query.key_word",
      "get /search/books query.page",
      "get /search/books query.pagesize",
      "get /search/recommends query.key_word",
      "get /my/histories query.page",
      "get /my/histories query.pagesize",
    ]
  `);
});
