import { afterAll, expect, test } from "vitest";
import { publishedViews } from "../../src/replay/analytics/published.ts";
import { computeStates, viewsOfStates } from "../../src/replay/analytics/states.ts";
import { type Duck, openDuck } from "../../src/replay/duck/database.ts";
import { figuresOf } from "../../src/replay/report/figures.ts";
import { views } from "../../src/replay/views/index.ts";
import { dayOf, fillDuck, type Happened, insertEvents, someEvents } from "./someEvents.ts";

const open: Duck[] = [];
const duckWith = async (events: readonly Happened[]) => {
  const duck = await openDuck({ threads: 1 });
  open.push(duck);
  await fillDuck(duck, events);
  return duck;
};
afterAll(() => {
  for (const duck of open) duck.close();
});

const isReading = ({ type }: Happened) => type === "ReadingProgressed";
// Two readers may have chosen the same id.
const events = someEvents(600, 7).map((event, n) => (isReading(event) ? { ...event, entry: `entry${n >> 1}` } : event));
const once = events.filter(
  (event, n) =>
    !isReading(event) ||
    !events.slice(0, n).some(({ entry, reader }) => entry === event.entry && reader === event.reader),
);
/** Sent again after a correction of the clock, when the book had fewer chapters and another title. */
const again = once
  .filter(isReading)
  .slice(0, 40)
  .map((event, n) => ({ ...event, position: 100_000 + n, at: event.at - 90_000_000, chapters: 1, title: "又名" }));

test("a reading that was sent again counts once in every view, state and report, and is in `repeats`", async () => {
  const [expected, duck] = [await duckWith(once), await duckWith(once)];
  await computeStates(duck, undefined);
  await insertEvents(duck, again);
  await computeStates(duck, 99_999n);
  const all = (one: Duck, from: string) => one.rows(`SELECT * FROM ${from} ORDER BY ALL`);
  for (const { name } of views.filter(({ name }) => name !== "repeats"))
    expect(await all(duck, name), name).toEqual(await all(expected, name));
  for (const { name } of publishedViews)
    expect(await all(duck, `(${viewsOfStates[name]})`), name).toEqual(await all(expected, name));
  const positions = await duck.rows<{ position: string }>("SELECT position FROM repeats ORDER BY position");
  expect(positions.map(({ position }) => Number(position))).toEqual(again.map(({ position }) => position));
  const days = once.map(({ at }) => dayOf(at)).sort();
  const [from, to] = [days[0]!, days.at(-1)!];
  expect(await figuresOf(duck, from, to)).toEqual(await figuresOf(expected, from, to));
}, 120_000);

test("without the ids, as in copies of releases before, all readings count", async () => {
  const duck = await duckWith(once.concat(again).map(({ entry: _, ...event }) => event));
  expect(await duck.rows("SELECT * FROM repeats")).toEqual([]);
  expect(await duck.rows("SELECT count(*)::INTEGER AS readings FROM readings")).toEqual([
    { readings: once.filter(isReading).length + again.length },
  ]);
});
