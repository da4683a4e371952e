import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { EventDefinition } from "../../src/domain/event.ts";
import { type HeimaEvent, streams } from "../../src/domain/streams.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { recorded } from "./recorded.ts";

// Stored events in every version that was ever written: each must stay readable. `now` is the decoded event, if it differs from the
// stored one. Never change an entry; add one for each new version.

type Stored = {
  readonly stream: string;
  readonly type: HeimaEvent["type"];
  readonly schemaVersion: number;
  readonly data: unknown;
  readonly now?: unknown;
};
const stored = JSON.parse(
  readFileSync(new URL("../fixtures/storedVersions.json", import.meta.url), "utf8"),
) as readonly Stored[];

const codec = createCodec();

test.each(stored)("$type of version $schemaVersion is read", ({ stream, type, schemaVersion, data, now }) => {
  const event = recorded({ type, data }, { stream: `${stream}-01890a5d-ac96-774b-bcce-b302099a8057`, schemaVersion });
  expect(codec.decode(event).data).toEqual(now ?? data);
});

test("every version of the events of these streams is there", () => {
  const has = new Set(stored.map(({ type, schemaVersion }) => `${type} ${schemaVersion}`));
  const whole = streams.filter(({ category }) =>
    ["history", "preferences", "featured", "search", "blocklist"].includes(category),
  );
  expect(whole).toHaveLength(5);
  const missing = whole.flatMap(({ events }) =>
    Object.entries<EventDefinition>(events).flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, index) => `${type} ${index + 1}`).filter((one) => !has.has(one)),
    ),
  );
  expect(missing).toEqual([]);
});
