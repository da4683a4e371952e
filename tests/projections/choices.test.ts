import { describe, expect, test } from "vitest";
import type { HeimaEvent } from "../../src/domain/events.ts";
import { featured } from "../../src/projections/featured/featured.ts";
import { preferences } from "../../src/projections/preferences/preferences.ts";
import { given } from "../support/readModel.ts";

const [noon, later] = [new Date("2026-03-01T12:00:00Z"), new Date("2026-03-01T12:00:01Z")];
const settings = { brightness: 30, fontSize: 14, background: "B1", pageTurn: "T1", lineSpacing: 150 } as const;
const chosen = (channel: "male" | null, ...categoryIds: string[]): HeimaEvent => ({
  type: "ReadingPreferenceChosen",
  data: { channel, categoryIds, progressPolicy: "ask" },
});

test("what a reader chose last is there, with its time; each reader has its own", () => {
  const seen = given(
    preferences,
    ["preferences-lin", chosen(null, "c00000000001"), noon],
    ["preferences-wang", chosen(null), noon],
    ["preferences-lin", chosen("male", "c00000000001", "s00000000002"), later],
    ["preferences-lin", { type: "ReaderSettingsAdjusted", data: { ...settings, brightness: 31 } }, noon],
    ["preferences-lin", { type: "ReaderSettingsAdjusted", data: settings }, later],
  );
  const rest = { progress_policy: "ask" };
  expect(seen.rows("reader_preferences")).toEqual([
    { reader_id: "lin", channel: "male", category_ids: "c00000000001,s00000000002", changed_at: later, ...rest },
    { reader_id: "wang", channel: null, category_ids: "", changed_at: noon, ...rest },
  ]);
  expect(seen.rows("reader_settings")).toEqual([
    {
      reader_id: "lin",
      brightness: 30,
      font_size: 14,
      background: "B1",
      page_turn: "T1",
      line_spacing: 150,
      changed_at: later,
    },
  ]);
});

describe("a featured book", () => {
  const feature = (bookId: string, place: number): HeimaEvent => ({ type: "BookFeatured", data: { bookId, place } });
  const drop = (bookId: string): HeimaEvent => ({ type: "BookUnfeatured", data: { bookId } });

  test("has a place in each channel that it is featured in, until it is not", () => {
    const seen = given(
      featured,
      ["featured-male", feature("hongloumeng0", 1)],
      ["featured-female", feature("hongloumeng0", 7)],
      ["featured-male", feature("xiyouji00000", 1)],
      ["featured-male", feature("hongloumeng0", 2)],
      ["featured-female", feature("xiyouji00000", 8)],
      ["featured-female", drop("xiyouji00000")],
      ["featured-female", drop("unknown00000")],
    );
    expect(seen.rows("featured_books")).toEqual([
      { book_id: "hongloumeng0", channel: "male", place: 2 },
      { book_id: "hongloumeng0", channel: "female", place: 7 },
      { book_id: "xiyouji00000", channel: "male", place: 1 },
    ]);
  });
});
