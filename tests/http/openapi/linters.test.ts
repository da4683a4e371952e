import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import spectral, { type RulesetDefinition } from "@stoplight/spectral-core";
import { oas } from "@stoplight/spectral-rulesets";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documented } from "./described.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-lint-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
const error = 0;

/** The errors by Spectral's rules for OpenAPI. */
async function spectralErrors(document: Record<string, unknown>): Promise<string[]> {
  const linter = new spectral.Spectral();
  linter.setRuleset({ extends: [[oas as unknown as RulesetDefinition, "recommended"]] });
  const found = await linter.run(document);
  return found.filter(({ severity }) => severity === error).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

/** The errors by Redocly's recommended rules. */
async function redoclyErrors(document: unknown): Promise<string[]> {
  const file = join(folder, "openapi.json");
  await writeFile(file, JSON.stringify(document));
  const cli = createRequire(import.meta.url).resolve("@redocly/cli/bin/cli.js");
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [cli, "lint", file, "--extends=recommended", "--format=json", "--max-problems=1000"],
      { cwd: folder, env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" } },
      (_error, stdout) => resolve(stdout),
    );
  });
  const { problems } = JSON.parse(output) as { problems: { severity: string; message: string; ruleId: string }[] };
  return problems.filter(({ severity }) => severity === "error").map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

const document = plain(documented());
/** With a pattern that needs the flag u, and a response without a description. */
const spoilt = plain(document);
spoilt.paths["/v1/books"].get.parameters[0].schema = { type: "string", pattern: "^\\p{Cc}$" };
delete spoilt.paths["/v1/books"].get.responses["200"].description;

test("Spectral finds no error in the document, and would find some", async () => {
  expect(await spectralErrors(document)).toEqual([]);
  expect((await spectralErrors(spoilt)).length).toBeGreaterThan(0);
}, 120_000);

test("Redocly finds no error in the document, and would find some", async () => {
  expect(await redoclyErrors(document)).toEqual([]);
  expect((await redoclyErrors(spoilt)).length).toBeGreaterThan(0);
}, 120_000);
