import { afterAll, beforeAll, expect, test } from "vitest";
import { publishedViews } from "../../src/replay/analytics/published.ts";
import { computeStates, forgetInStates, viewsOfStates } from "../../src/replay/analytics/states.ts";
import { type Duck, openDuck } from "../../src/replay/duck/database.ts";
import { fillDuck, insertEvents, someEvents } from "./someEvents.ts";

const events = someEvents(1_200, 44);
const untilNow = (n: number) => events.slice(0, n).at(-1)?.position ?? 0;
let duck: Duck;
beforeAll(async () => {
  duck = await openDuck({ threads: 1 });
});
afterAll(() => duck?.close());

/** Compares the results from the states with the predefined views over all events. */
async function compareViews(): Promise<void> {
  for (const { name } of publishedViews) {
    const expected = await duck.rows(`SELECT * FROM ${name} ORDER BY ALL`);
    expect(expected.length, name).toBeGreaterThan(0);
    expect(await duck.rows(`SELECT * FROM (${viewsOfStates[name]}) ORDER BY ALL`), name).toEqual(expected);
  }
}

test("every view made of states is the ready view of all events, however the events came and whoever was erased", async () => {
  await fillDuck(duck, events.slice(0, 400));
  await computeStates(duck, undefined);
  for (const [from, to] of [[400, 401] as const, [401, 1_200] as const]) {
    await insertEvents(duck, events.slice(from, to));
    await computeStates(duck, BigInt(untilNow(from)));
    await compareViews();
  }
  // An event of nobody, as in streams whose ids are no readers'.
  await insertEvents(duck, [
    { ...(events[0] as (typeof events)[number]), type: "ReadingProgressed", position: 1_000_000 },
  ]);
  await duck.run(
    "UPDATE events SET reader = NULL, book_title = NULL, book_channel = NULL, book_category = NULL WHERE position = 1000000",
  );
  await computeStates(duck, 999_999n);
  await compareViews();
  await duck.run("DELETE FROM events WHERE reader IN ('reader3', 'reader4')");
  await forgetInStates(duck, "'reader3', 'reader4'");
  await compareViews();
}, 300_000);

test("only readers with new events are computed anew", async () => {
  const [last] = events.slice(-1);
  const later = { ...(last as (typeof events)[number]), reader: "reader7", position: 2_000_000 };
  await duck.run("UPDATE reader_days SET seconds = 1_000_000 WHERE reader IN ('reader7', 'reader8')");
  await insertEvents(duck, [later]);
  await computeStates(duck, 1_999_999n);
  const wrong = await duck.rows("SELECT DISTINCT reader FROM reader_days WHERE seconds = 1_000_000");
  expect(wrong).toEqual([{ reader: "reader8" }]);
});
