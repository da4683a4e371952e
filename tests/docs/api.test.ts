import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { type ProblemCode, problems, shownCode } from "../../src/http/problems.ts";
import { describedEndpoints } from "../http/openapi/described.ts";

// Compares docs/api.md with the declarations: endpoints with their query fields and access, and problems with their status.

const text = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");

const fieldsOf = (schema: Endpoint["query"]) => {
  const { properties = {} } = schema === undefined ? {} : z.toJSONSchema(schema, { io: "input" });
  return Object.keys(properties).sort();
};
const whoOf = { open: "anybody", reader: "reader", operator: "operator", analyst: "analyst" } as const;

/** Each row of an endpoint, by method and path. */
const rows = [
  ...text.matchAll(/^\| ([A-Z, ]+) (\/v1\/[^\s`]+|\/health\/\w+)(?: `\{.*?\}`)?(?: `\?(.*?)`)? \| (\w+) \|/gm),
].flatMap(([, methods = "", path = "", fields = "", who]) =>
  methods.split(", ").map((method) => ({
    at: `${method} ${path}`,
    fields: fields
      .split("&")
      .filter((field) => field !== "")
      .sort(),
    who,
  })),
);

const byPlace = (a: { at: string }, b: { at: string }) => (a.at < b.at ? -1 : 1);

test("every endpoint has a row with its query fields and who may ask, and no other row is there", () => {
  const declared = describedEndpoints().map(({ method, path, query, access }) => ({
    at: `${method.toUpperCase()} ${path}`,
    fields: fieldsOf(query),
    who: whoOf[access],
  }));
  expect(declared.length).toBeGreaterThan(30);
  expect([...rows].sort(byPlace)).toEqual(declared.sort(byPlace));
});

test("every default of a query field that is stated is the declared one", () => {
  const declared = new Map<string, unknown[]>();
  for (const { query } of describedEndpoints()) {
    const { properties = {} } = query === undefined ? {} : z.toJSONSchema(query, { io: "input" });
    for (const [field, schema] of Object.entries(properties)) {
      const value = typeof schema === "object" ? schema.default : undefined;
      if (value !== undefined) declared.set(field, [...(declared.get(field) ?? []), value]);
    }
  }
  const stated = [
    ...text.matchAll(/`(\w+)` is `(\S+)` \([^()]*\bdefault\)/g),
    ...text.matchAll(/`(\w+)` \(default ([^\s)]+)\)/g),
  ].map(([, field = "", value]) => ({ field, value }));
  expect(stated.map(({ field }) => field)).toEqual(["order", "sort", "order", "tz"]);
  for (const { field, value } of stated) expect(declared.get(field), field).toContain(value);
});

test("every problem is listed under its status, marked if it has Retry-After", () => {
  const listed = [...text.matchAll(/^\| ([45][\d, ]+) \| (.*) \|$/gm)].flatMap(([, statuses = "", codes = ""]) =>
    [...codes.matchAll(/`(\w+)`( ↻)?/g)].map(([, code = "", again]) => ({
      code,
      statuses,
      again: again !== undefined,
    })),
  );
  for (const [key, { status, ...more }] of Object.entries(problems)) {
    const code = shownCode(key as ProblemCode);
    const found = listed.find((one) => one.code === code && one.statuses.split(", ").includes(String(status)));
    expect(found?.statuses.split(", "), key).toContain(String(status));
    expect(found?.again, code).toBe("retryAfter" in more);
  }
  expect(listed.length).toBe(Object.keys(problems).length);
});
