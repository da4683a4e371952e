import { expect, test } from "vitest";
import type { LibraryEvent, NumberRange } from "../../src/domain/library/events.ts";
import { library } from "../../src/projections/library/library.ts";
import { type Given, given } from "../support/readModel.ts";
import { catalogued, chapter, chaptersPublished, published } from "./libraryEvents.ts";

const stream = "book-hongloumeng0";
const idOf = (name: string) => name.padStart(12, "0");

/**
 * Editions of a book, each as a list of the names of its chapters; they are published as in the domain: only changes, and with the
 * length of the previous edition unless the events are older than that field.
 */
function editions(lists: readonly string[], age: "new" | "old" = "new"): Given[] {
  const events: LibraryEvent[] = [catalogued()];
  for (const [index, list] of lists.entries()) {
    const before = lists[index - 1] ?? "";
    const edition = index + 1;
    const changed = [...list].flatMap((name, at) => (name === before[at] ? [] : [{ name, no: at + 1 }]));
    const ranges: NumberRange[] = changed.map(({ no }) => ({ from: no, to: no }));
    if (changed.length > 0) {
      const event = chaptersPublished(
        edition,
        changed.map(({ no }) => no),
      ) as LibraryEvent & { type: "ChaptersPublished" };
      const chapters = changed.map(({ name, no }) => ({ ...chapter(edition, no), chapterId: idOf(name) }));
      events.push({ ...event, data: { ...event.data, chapters } });
    }
    events.push(
      published(edition, list.length, { chaptersBefore: age === "new" ? before.length : null, changed: ranges }),
    );
  }
  return events.map((event) => [stream, event]);
}

/** The removed chapters, by edition: each with the one before it. */
const goneIn = (lists: readonly string[], age?: "old") =>
  given(library, ...editions(lists, age))
    .rows("gone_chapters")
    .map(({ edition, chapter_id, before_chapter_id }) => {
      return `${edition}: ${chapter_id.at(-1)} behind ${before_chapter_id?.at(-1) ?? "nothing"}`;
    });

test.each<[string, string[], string[]]>([
  ["nothing goes from an edition that grows", ["abc", "abcd"], []],
  ["chapters that are replaced stood behind the ones that stay", ["abcd", "axyd"], ["2: b behind a", "2: c behind a"]],
  ["the first has nothing before it", ["abc", "xbc"], ["2: a behind nothing"]],
  ["what moves is not gone", ["abc", "bac"], []],
  ["what is left out in the middle stood behind its neighbour", ["abcd", "acd"], ["2: b behind a"]],
  ["what the end loses stood behind the last", ["abcd", "ab"], ["2: c behind b", "2: d behind b"]],
  ["and stays there, whatever comes in its place", ["abcd", "ab", "abx"], ["2: c behind b", "2: d behind b"]],
  [
    "also behind one that moved, when others go with it",
    ["abcdefghij", "abdefghj"],
    ["2: c behind b", "2: i behind h"],
  ],
  ["and not behind what stood behind it", ["abcde", "abe", "abexy"], ["2: c behind b", "2: d behind b"]],
  ["what moved forward from the end is not gone", ["abcd", "adc"], ["2: b behind a"]],
  [
    "nothing is left of an end, if the whole book is another",
    ["abc", "x"],
    ["2: a", "2: b", "2: c"].map((one) => `${one} behind nothing`),
  ],
])("%s", (_, lists, gone) => {
  expect(goneIn(lists)).toEqual(gone);
});

test("no chapter is left beyond the end of a shorter edition", () => {
  const { rows } = given(library, ...editions(["abcdefghij", "abdefghj"]));
  expect(rows("chapters").map(({ no, chapter_id }) => `${no}${chapter_id.at(-1)}`)).toEqual(
    [..."abdefghj"].map((name, at) => `${at + 1}${name}`),
  );
});

test.each<[string, string[], string[]]>([
  ["what the end loses is left over, until something comes in its place", ["abcd", "ab"], []],
  ["then it stood behind the last", ["abcd", "ab", "abx"], ["3: c behind b"]],
  [
    "what is left over of one that moved is noted too; it counts only once the chapter is not found",
    ["abcd", "adc", "adcx"],
    ["2: b behind a", "3: d behind c"],
  ],
])("of events that do not say how long the edition before was, %s", (_, lists, gone) => {
  expect(goneIn(lists, "old")).toEqual(gone);
});

test("a book grew when an edition had more chapters than the one before", () => {
  const grownAt = (...lists: string[]) =>
    given(library, ...editions(lists))
      .rows("books")[0]
      ?.grown_at?.getTime();
  const first = grownAt("abc");
  expect(first).toBeDefined();
  expect(grownAt("abc", "axc", "ab")).toBe(first);
  expect(grownAt("abc", "axc", "abcd")).toBeGreaterThan(first ?? 0);
});
