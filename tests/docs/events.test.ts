import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventsDocument } from "../../script/docs/events.ts";

test("docs/events.md is what the events' schemas say (npm run docs:events writes it)", () => {
  expect(readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8")).toBe(eventsDocument());
});
