import { randomUUID } from "node:crypto";
import type { ProgressEntry } from "../../../src/domain/reading/progress/events.ts";
import type { Random } from "../random.ts";
import type { Reader } from "./reader.ts";
import type { KnownBook, Sent } from "./readerCommand.ts";

/** The number of earlier entries from which some are sent again. The system remembers 500. */
const recentEntries = 60;
const maxEntries = 20;

/** The commands of a reader while reading: on two devices, sometimes offline. */
export function anyReadingCommand(books: readonly KnownBook[], reader: Reader): Sent {
  const { random } = reader;
  const book = random.pick(books);
  const chance = random.next();
  if (chance < 0.4) return oneEntry(book, reader);
  if (chance < 0.65) return manyEntries(books, reader);
  if (chance < 0.85) return bookmarkCommand(book, reader);
  const { bookId } = book;
  const finishes = random.next() < 0.6;
  return {
    category: "rounds",
    command: { type: finishes ? "FinishBook" : "BeginReadingRound", bookId, readAt: "", at: "" },
    method: finishes ? "PUT" : "POST",
    path: `/reading/${bookId}/${finishes ? "finished" : "rounds"}`,
    body: {},
  };
}

function oneEntry(book: KnownBook, reader: Reader): Sent {
  const entry = anyEntry(book, reader.random);
  remember(reader, [entry]);
  const { bookId, chapterNo: _, ...body } = entry;
  return {
    category: "progress",
    command: { type: "RecordProgress", entries: [entry] },
    method: "PUT",
    path: `/reading/${bookId}/progress`,
    body,
  };
}

/** Entries recorded offline: in any order, with some earlier entries and some duplicates. */
function manyEntries(books: readonly KnownBook[], reader: Reader): Sent {
  const { random } = reader;
  const fresh = Array.from({ length: random.between(1, maxEntries / 2) }, () => anyEntry(random.pick(books), random));
  const before = random.shuffle(reader.entries).slice(0, random.between(0, maxEntries / 4));
  const entries = random.shuffle([...fresh, ...before, ...fresh.slice(0, 2)]).slice(0, maxEntries);
  remember(reader, fresh);
  return {
    category: "progress",
    command: { type: "RecordProgress", entries },
    method: "POST",
    path: "/reading/progress",
    body: { entries: entries.map(({ chapterNo: _, ...entry }) => entry) },
  };
}

/** Every entry has a different millisecond, so that a returned place identifies its entry. */
function anyEntry({ bookId, chapterId }: KnownBook, random: Random): ProgressEntry {
  const readAt = new Date(Date.now() - random.between(0, 7_200_000)).toISOString();
  return {
    entryId: randomUUID(),
    bookId,
    chapterId,
    chapterNo: 1,
    offset: random.between(0, 20),
    readAt,
    activeSeconds: random.between(0, 300),
    deviceId: random.pick(["手机", "平板"]),
  };
}

function remember(reader: Reader, entries: readonly ProgressEntry[]): void {
  reader.entries = [...reader.entries, ...entries].slice(-recentEntries);
}

function bookmarkCommand({ bookId, chapterId }: KnownBook, reader: Reader): Sent {
  const { random } = reader;
  const known = reader.bookmarks.length === 0 ? undefined : random.pick(reader.bookmarks);
  const path = (of: typeof known) => `/reading/${of?.bookId}/bookmarks/${of?.bookmarkId}`;
  if (known !== undefined && random.next() < 0.3) {
    const command = { type: "DeleteBookmark", bookId: known.bookId, bookmarkId: known.bookmarkId } as const;
    return { category: "bookmarks", command, method: "DELETE", path: path(known) };
  }
  const again = known !== undefined && random.next() < 0.4;
  const at = again ? known : { bookId, chapterId, bookmarkId: randomUUID() };
  if (!again) reader.bookmarks = [...reader.bookmarks, at].slice(-20);
  const place = { chapterId: at.chapterId, offset: random.between(0, 20), note: random.pick(["", "好句", "再读"]) };
  return {
    category: "bookmarks",
    command: { type: "SetBookmark", bookmark: { ...at, chapterNo: 1, ...place } },
    method: "PUT",
    path: path(at),
    body: place,
  };
}
