import { accountStream } from "../../domain/account/stream.ts";
import { preferencesStream } from "../../domain/preferences/stream.ts";
import { progressStream } from "../../domain/reading/progress/stream.ts";
import { manualOrder } from "../../domain/shelf/shelf.ts";
import { shelfStream } from "../../domain/shelf/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { StreamDeleted } from "../../event-store/errors.ts";
import type { EventStore } from "../../event-store/types.ts";
import { preferences } from "../../projections/preferences/preferences.ts";
import { places } from "../../projections/reading/places.ts";
import { shelf } from "../../projections/shelf/shelf.ts";
import { createRowsFold, createStateFold, eventsUpTo } from "./foldStream.ts";
import type { FoundPast, Past, PastPlace } from "./past.ts";

type Reader = Pick<EventStore, "readStream">;

/** The streams that make a past. */
const streams = [accountStream, shelfStream, progressStream, preferencesStream] as const;

/**
 * The shelf, the places, the preferences and the settings of a reader as they were at `at` by the store's clock (`created`,
 * inclusive): what the write side's deciders and the read models' handlers make of the events until then. The time it takes grows
 * with the reader's events, the memory with what they leave. Rejects as reading does, and with UnknownEvent or InvalidEvent.
 */
export async function readPast(eventStore: Reader, readerId: string, at: Date): Promise<FoundPast> {
  try {
    for await (const { type } of eventStore.readStream(nameOf(accountStream, readerId)))
      if (type === "ReaderErased") return { found: "erased" };
    const since = await firstEvent(eventStore, readerId);
    if (since === undefined) return { found: "unknown" };
    const [onShelf, places, chosen] = await Promise.all([
      pastShelf(eventStore, readerId, at),
      pastPlaces(eventStore, readerId, at),
      pastChoices(eventStore, readerId, at),
    ]);
    const past = {
      readerId,
      asOf: at.toISOString(),
      since: since.toISOString(),
      shelf: onShelf,
      places,
      ...chosen,
    };
    return since > at ? { found: "not_yet", since, past } : { found: "past", past };
  } catch (error) {
    // The streams are deleted before the account's last event records the erasure.
    if (error instanceof StreamDeleted) return { found: "erased" };
    throw error;
  }
}

/** When the earliest of the reader's streams began; undefined if none did. */
async function firstEvent(eventStore: Reader, readerId: string): Promise<Date | undefined> {
  let first: Date | undefined;
  for (const stream of streams) {
    for await (const { created } of eventStore.readStream(nameOf(stream, readerId), { maxCount: 1 }))
      if (first === undefined || created < first) first = created;
  }
  return first;
}

async function pastShelf(eventStore: Reader, readerId: string, at: Date): Promise<Past["shelf"]> {
  const fold = createStateFold(shelfStream.decider);
  const rows = createRowsFold(shelf);
  for await (const event of eventsUpTo(eventStore, shelfStream, readerId, at)) {
    fold.add(event);
    rows.add(event);
  }
  const state = fold.state();
  const addedAt = new Map(rows.rows("shelf_books").map(({ book_id, added_at }) => [book_id, added_at.toISOString()]));
  return {
    books: manualOrder(state).map((bookId) => ({
      bookId,
      addedAt: addedAt.get(bookId) ?? "",
      pinned: state.pinned.has(bookId),
      groupId: state.groupOf.get(bookId) ?? null,
    })),
    groups: [...state.groups].map(([groupId, name]) => ({ groupId, name })),
  };
}

async function pastPlaces(eventStore: Reader, readerId: string, at: Date): Promise<readonly PastPlace[]> {
  const rows = createRowsFold(places);
  for await (const event of eventsUpTo(eventStore, progressStream, readerId, at)) rows.add(event);
  return [...rows.rows("book_places")]
    .sort((one, other) => other.read_at.getTime() - one.read_at.getTime() || (one.entry_id < other.entry_id ? 1 : -1))
    .map((place) => ({
      bookId: place.book_id,
      chapterId: place.chapter_id,
      chapterNo: place.chapter_no,
      offset: place.chapter_offset,
      deviceId: place.device_id,
      readAt: place.read_at.toISOString(),
    }));
}

async function pastChoices(
  eventStore: Reader,
  readerId: string,
  at: Date,
): Promise<Pick<Past, "preferences" | "settings">> {
  const fold = createStateFold(preferencesStream.decider);
  const rows = createRowsFold(preferences);
  for await (const event of eventsUpTo(eventStore, preferencesStream, readerId, at)) {
    fold.add(event);
    rows.add(event);
  }
  const chosen = fold.state();
  const changedAt = (table: "reader_preferences" | "reader_settings") =>
    rows.rows(table)[0]?.changed_at.toISOString() ?? null;
  return {
    preferences: { ...chosen.preferences, changedAt: changedAt("reader_preferences") },
    settings: { ...chosen.settings, changedAt: changedAt("reader_settings") },
  };
}
