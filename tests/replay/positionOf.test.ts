import { expect, test } from "vitest";
import { replayOf } from "../../src/main/replay.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { parseMoment } from "../../src/replay/range.ts";
import { logOf, progressed, readerIds } from "./log.ts";

const reading = (created: string) =>
  [`progress-${readerIds[0]}`, progressed({ bookId: "hongloumeng1", readAt: created }), created] as const;
const days = ["2026-11-01T04:00:00.000Z", "2026-11-02T04:00:00.000Z", "2026-11-03T04:00:00.000Z"];

/** Where GET /v1/events begins. */
function startIn(log: ReturnType<typeof logOf>, signal = new AbortController().signal) {
  const pool = { query: async () => ({ rows: [], rowCount: 0 }) } as unknown as Pool;
  const { positionOf } = replayOf({
    pool,
    eventStore: log.store as never,
    logger: createLogger("test", "silent"),
    keys: undefined,
    isErased: () => false,
    closing: signal,
    folder: "/nowhere",
    queue: { announce: async () => {} } as never,
  });
  return (text: string) => {
    const moment = parseMoment(text);
    if (moment === undefined) throw new Error(text);
    return positionOf({ text, moment }, signal);
  };
}

test("a stream begins after the position of its last line, also when a scavenge took that event since", async () => {
  const log = logOf(days.map(reading));
  const start = startIn(log);
  expect(await start("200")).toBe(200n);
  log.events.splice(1, 1);
  expect(await start("200")).toBe(200n);
  expect(await start("0")).toBe(0n);
  expect(await start("301")).toBe("nowhere");
  expect(await start("2026-11-02")).toBe(100n);
});
