import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventsDocument } from "../../script/docs/events.ts";
import { withViews } from "../../script/docs/views.ts";
import { views } from "../../src/replay/views/index.ts";

test("docs/events.md is what the events' schemas say (npm run docs:events writes it)", () => {
  expect(readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8")).toBe(eventsDocument());
});

test("docs/analysts.md has the views as they are declared (npm run docs:events writes them)", () => {
  const text = readFileSync(new URL("../../docs/analysts.md", import.meta.url), "utf8");
  expect(withViews(text)).toBe(text);
  for (const { name } of views) expect(text.split("## Examples")[1], name).toMatch(new RegExp(`\\b${name}\\b`));
});
