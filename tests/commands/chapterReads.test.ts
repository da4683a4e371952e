import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { BookNotFound, ChapterNotFound, TooManyBooks } from "../../src/commands/errors.ts";
import { type ChapterNumber, createChapterNumber, readsOfReader } from "../../src/commands/library/chapterNumbers.ts";
import { recordProgress } from "../../src/commands/reading/recordProgress.ts";
import { setBookmark } from "../../src/commands/reading/setBookmark.ts";
import { recorded } from "../domain/recorded.ts";
import { chaptersPublished, published } from "../projections/libraryEvents.ts";
import { newContext, newProcess, reader } from "./fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "./inMemoryEventStore.ts";

const bookIdOf = (no: number) => `book${String(no).padStart(8, "0")}`;
const other = "01890a5d-ac96-774b-bcce-b302099a8058";
let store: InMemoryEventStore;
let clock = 0;
let send: ReturnType<typeof sending>;

function entryOf(book: number, chapterId = "chapter00001") {
  const place = { bookId: bookIdOf(book), chapterId, offset: 0 };
  return { entryId: randomUUID(), ...place, activeSeconds: 1, readAt: "2025-01-01T00:00:00Z", deviceId: "phone" };
}

function sending() {
  const chapterNumber = createChapterNumber(store, { now: () => clock, readsOfReader });
  const deps = { handleCommand: newProcess(store), chapterNumber, eventStore: store };
  /** One entry for each of `count` books from the book `first` on. */
  return (first: number, { count = 100, chapterId = "chapter00001", readerId = reader } = {}) => {
    const entries = Array.from({ length: count }, (_, index) => entryOf(first + index, chapterId));
    return recordProgress(deps, { readerId, entries }, newContext());
  };
}

const bookReads = () => store.reads.filter(({ stream }) => stream.startsWith("book-")).length;

beforeEach(async () => {
  store = inMemoryEventStore();
  clock = 0;
  send = sending();
  for (let no = 0; no < 200; no++) {
    const stream = `book-${bookIdOf(no)}`;
    const events = [chaptersPublished(1, [1]), published(1, 1)].map((event) => {
      const { type, data, metadata } = recorded(event, { stream });
      return { id: randomUUID(), type, data, metadata };
    });
    await store.append(stream, "no_stream", events);
  }
});

test("books are read for a full command at once, and then five a second; other readers are not held up", async () => {
  expect(await send(0)).toMatchObject({ revision: 99n });
  await expect(send(100)).rejects.toThrow(TooManyBooks);
  expect(bookReads()).toBe(100);
  // Cached reads cost nothing.
  expect(await send(0)).toMatchObject({ revision: 199n });
  expect(await send(100, { count: 1, readerId: other })).toMatchObject({ revision: 0n });
  clock += 1_000;
  await expect(send(101, { count: 99 })).rejects.toThrow(TooManyBooks);
  expect(bookReads()).toBe(106);
  clock += readsOfReader.fillMs;
  expect(await send(100)).toMatchObject({ revision: 299n });
});

test("a repeat of what was recorded reads no books, and does not mind what has become of them", async () => {
  const [entry, context] = [entryOf(0), newContext()];
  const handleCommand = newProcess(store);
  const sendBy = (chapterNumber: ChapterNumber) => [
    recordProgress(
      { handleCommand, chapterNumber, eventStore: store },
      { readerId: reader, entries: [entry] },
      context,
    ),
    setBookmark({ handleCommand, chapterNumber }, { readerId: reader, ...bookmark }, context),
  ];
  const { bookId, chapterId, offset } = entry;
  const bookmark = { bookmarkId: randomUUID(), bookId, chapterId, offset, note: "" };
  const first = await Promise.all(sendBy(createChapterNumber(store)));
  for (const gone of [async () => "no such book" as const, () => Promise.reject(new TooManyBooks(1_000))]) {
    expect(await Promise.all(sendBy(gone))).toEqual(first.map((result) => ({ ...result, outcome: "repeated" })));
  }
});

test("reads for books and chapters that do not exist count as well", async () => {
  const missing = { chapterId: "chapter00009" };
  await expect(send(0, missing)).rejects.toThrow(ChapterNotFound);
  await expect(send(0, missing)).rejects.toThrow(TooManyBooks);
  clock += readsOfReader.fillMs;
  await expect(send(200)).rejects.toThrow(BookNotFound);
  await expect(send(200)).rejects.toThrow(TooManyBooks);
  expect(bookReads()).toBe(200);
});
