import { describe, expect, test } from "vitest";
import type { Decider } from "../../src/domain/decider.ts";
import type { DomainEvent } from "../../src/domain/event.ts";
import { preferencesDecider } from "../../src/domain/preferences/decider.ts";
import { defaultPreferences, defaultSettings } from "../../src/domain/preferences/defaults.ts";
import type { PreferencesEvent } from "../../src/domain/preferences/events.ts";
import { bookmarksDecider } from "../../src/domain/reading/bookmarks/decider.ts";
import type { Bookmark, BookmarksEvent } from "../../src/domain/reading/bookmarks/events.ts";
import { roundsDecider } from "../../src/domain/reading/rounds/decider.ts";
import type { RoundsEvent } from "../../src/domain/reading/rounds/events.ts";
import { readerStreams } from "../../src/domain/streams.ts";

/** Their readers cannot extend them at will: a profile changes only with data that WeChat signs. */
const bounded: readonly string[] = ["account"];

test.each(readerStreams.filter(({ category }) => !bounded.includes(category)))(
  "a first command does not fold all of a long stream: $category has a window or snapshots",
  (stream) => {
    const isShortened = ("window" in stream && stream.window > 0) || "snapshot" in stream.decider;
    expect(isShortened).toBe(true);
  },
);

const [a, b] = ["aaaaaaaaaaaa", "bbbbbbbbbbbb"] as const;
const readAt = "2026-01-01T00:00:00.000Z";
const bookmark = (digit: string, more: Partial<Bookmark> = {}): Bookmark => ({
  bookmarkId: `0000000${digit}-0000-4000-8000-000000000000`,
  bookId: a,
  chapterId: "chapter00001",
  chapterNo: 1,
  offset: 7,
  note: "",
  ...more,
});

const chosen = { ...defaultPreferences, channel: "female", categoryIds: ["c00000000001"] } as const;
const adjusted = { ...defaultSettings, brightness: 31 };
const preferencesLog: readonly PreferencesEvent[] = [
  { type: "ReaderSettingsAdjusted", data: { ...adjusted, fontSize: 20 } },
  { type: "ReadingPreferenceChosen", data: { ...chosen, categoryIds: ["c00000000001"] } },
  { type: "ReaderSettingsAdjusted", data: adjusted },
];
const roundsLog: readonly RoundsEvent[] = [
  { type: "BookFinished", data: { bookId: a, round: 1, readAt } },
  { type: "ReadingRoundBegan", data: { bookId: b, round: 1, readAt } },
  { type: "ReadingRoundBegan", data: { bookId: a, round: 2, readAt, readAtRaw: readAt } },
  { type: "BookFinished", data: { bookId: b, round: 1, readAt } },
];
const bookmarksLog: readonly BookmarksEvent[] = [
  { type: "BookmarkSet", data: bookmark("1") },
  { type: "BookmarkSet", data: bookmark("2") },
  { type: "BookmarkSet", data: bookmark("3", { bookId: b }) },
  { type: "BookmarkDeleted", data: { bookmarkId: bookmark("2").bookmarkId, bookId: a } },
  { type: "BookmarkChanged", data: bookmark("1", { offset: 9, note: "好\n看" }) },
];

describe("this version of a snapshot is what a log makes: if this must change, snapshots need another version", () => {
  test("preferences", () => {
    const kept = { preferences: chosen, settings: adjusted, isChosen: true, isAdjusted: true };
    check(preferencesDecider, preferencesLog, kept);
  });
  test("rounds", () => {
    const kept = [
      [a, 2, false, Date.parse(readAt)],
      [b, 1, true, Date.parse(readAt)],
    ];
    check(roundsDecider, roundsLog, kept, 2);
  });
  test("bookmarks", () => {
    check(bookmarksDecider, bookmarksLog, [bookmark("1", { offset: 9, note: "好\n看" }), bookmark("3", { bookId: b })]);
  });
});

/** The log determines the JSON, folded completely or from a snapshot of its beginning, and the JSON the state. */
function check<State, Event extends DomainEvent>(
  { initialState, evolve, snapshot }: Pick<Decider<State, never, Event>, "initialState" | "evolve" | "snapshot">,
  log: readonly Event[],
  kept: unknown,
  version = 1,
) {
  expect(snapshot?.version).toBe(version);
  const stored = (state: State) => JSON.parse(JSON.stringify(snapshot?.encode(state)));
  const whole = log.reduce(evolve, initialState);
  expect(stored(whole)).toEqual(kept);
  for (let cut = 0; cut <= log.length; cut++) {
    const decoded = snapshot?.decode(stored(log.slice(0, cut).reduce(evolve, initialState))) as State;
    expect(log.slice(cut).reduce(evolve, decoded)).toEqual(whole);
  }
}
