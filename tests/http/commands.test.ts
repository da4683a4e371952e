import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { streams } from "../../src/domain/streams.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { problemsOf } from "../../src/http/openapi/problemsOf.ts";
import { describedEndpoints, documented } from "./openapi/described.ts";

// Compares the commands declared in src/http/*/commands.ts with the OpenAPI document and docs/api.md.

const commands = describedEndpoints().filter(({ command }) => command !== undefined);
const at = ({ method, path }: Endpoint) => `${method.toUpperCase()} ${path}`;
const fieldsOf = ({ body }: Endpoint) => {
  const { properties = {}, required = [] } = (body ? z.toJSONSchema(body, { io: "input" }) : {}) as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
};

/** Each row of docs/api.md for a command: the methods, the path, and the fields of the body. */
const rows = [
  ...readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8").matchAll(
    /^\| ([A-Z, ]+) (\/v1\/\S+)(?: `\{(.*)\}`)? \| \w+ \| a command's answer/gm,
  ),
].flatMap(([, methods = "", path = "", fields = ""]) =>
  methods.split(", ").map((method) => ({
    at: `${method} ${path}`,
    fields: fields.split(", ").filter((field) => field !== ""),
  })),
);

test("docs/api.md has every command with the fields of its body, and no other", () => {
  const declared = commands.map((one) => ({ at: at(one), fields: fieldsOf(one) }));
  const sorted = (list: typeof rows) => [...list].sort((a, b) => (a.at < b.at ? -1 : 1));
  expect(sorted(rows)).toEqual(sorted(declared));
});

test("the OpenAPI document has every command, and the problem of each refusal", () => {
  const { paths } = documented() as unknown as { paths: Record<string, Record<string, { responses: object }>> };
  for (const { method, path, command } of commands) {
    const responses = JSON.stringify(paths[path]?.[method]?.responses);
    for (const code of command?.refusals ?? []) expect(responses).toContain(`"${code}"`);
    expect(responses).toContain("CommandAnswer");
  }
});

test("each command belongs to a stream that declares how it may be refused", () => {
  expect(commands.length).toBeGreaterThan(10);
  for (const endpoint of commands) {
    const of = streams.filter(({ category }) => category === endpoint.command?.category);
    const declared = of.flatMap(({ refusals }) => Object.keys(refusals));
    expect(declared).toEqual(expect.arrayContaining([...(endpoint.command?.refusals ?? [])]));
    expect(problemsOf(endpoint)).toEqual(expect.arrayContaining([...(endpoint.command?.refusals ?? [])]));
  }
});
