import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { BookNotFound, ChapterNotFound, IdempotencyKeyReused } from "../../src/commands/errors.ts";
import { createChapterNumber } from "../../src/commands/library/chapterNumbers.ts";
import { type ReportedEntry, recordProgress } from "../../src/commands/reading/recordProgress.ts";
import { rememberedEntries } from "../../src/domain/reading/progress/decider.ts";
import { recorded } from "../domain/recorded.ts";
import { catalogued, chaptersPublished, published } from "../projections/libraryEvents.ts";
import { dream, newContext, newProcess, reader, repeated, west } from "./fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "./inMemoryEventStore.ts";

const stream = `progress-${reader}`;
let store: InMemoryEventStore;
let clock = 0;
let here: ReturnType<typeof processOf>;

/** The commands of progress as in one process. */
function processOf() {
  const chapterNumber = createChapterNumber(store, { now: () => clock });
  const deps = { handleCommand: newProcess(store), chapterNumber, eventStore: store };
  return (entries: readonly ReportedEntry[], context = newContext()) =>
    recordProgress(deps, { readerId: reader, entries }, context);
}

async function publish(bookId: string, ...events: Parameters<typeof recorded>[0][]) {
  const name = `book-${bookId}`;
  const revision = store.eventsOf(name).length - 1;
  const list = events.map((event) => {
    const { type, data, metadata } = recorded(event, { stream: name });
    return { id: randomUUID(), type, data, metadata };
  });
  await store.append(name, revision < 0 ? "no_stream" : BigInt(revision), list);
}

const entry = (more: Partial<ReportedEntry> = {}): ReportedEntry => ({
  entryId: randomUUID(),
  bookId: dream,
  chapterId: "chapter00002",
  offset: 5,
  activeSeconds: 30,
  readAt: "2025-12-31T00:00:00.000Z",
  deviceId: "phone",
  ...more,
});
const written = () => store.eventsOf(stream).map(({ data }) => data as { entryId: string; chapterNo: number });
const readsOf = (name: string) => store.reads.filter(({ stream }) => stream === name).length;

beforeEach(async () => {
  store = inMemoryEventStore();
  clock = 0;
  here = processOf();
  await publish(dream, catalogued(), chaptersPublished(1, [1, 2, 3]), published(1, 3));
  store.reads.length = 0;
});

describe("recordProgress", () => {
  test("writes an event an entry, in one append, with the chapter's number", async () => {
    const entries = [entry(), entry({ chapterId: "chapter00003" })];
    expect(await here(entries)).toMatchObject({
      revision: 1n,
      events: Array(2).fill("ReadingProgressed"),
      adjusted: [],
    });
    expect(written()).toEqual(entries.map((one, index) => ({ ...one, chapterNo: index + 2 })));
    expect(store.appends.filter((one) => one.stream === stream)).toHaveLength(1);
  });

  test("ignores entries that another process has recorded", async () => {
    const entries = [entry(), entry()];
    await here(entries);
    expect(await processOf()(entries)).toMatchObject({ revision: 1n, events: [] });
    expect(await processOf()([...entries, entry()])).toMatchObject({ revision: 2n, events: ["ReadingProgressed"] });
  });

  test("says that a time was corrected as long as it is recorded so, whenever it is asked again", async () => {
    const at = (occurredAt: string, context = newContext()) => ({ ...context, occurredAt });
    const [ahead, other, later] = [
      entry({ readAt: "2026-01-01T00:10:00.000Z" }),
      entry({ deviceId: "tablet" }),
      entry(),
    ];
    const context = at("2026-01-01T00:00:00.000Z");
    const first = await here([ahead, other], context);
    expect(first.adjusted).toEqual([ahead.entryId]);
    // By now the device's time is no longer in the future.
    const evening = "2026-01-01T20:00:00.000Z";
    for (const ask of [here, processOf()]) {
      expect(await ask([ahead, other], at(evening, context))).toEqual(repeated(first));
      expect(await ask([other, ahead], at(evening))).toMatchObject({ events: [], adjusted: [ahead.entryId] });
    }
    expect(await here([later, ahead], at(evening))).toMatchObject({ revision: 2n, adjusted: [ahead.entryId] });
    expect(await here([later], at("2025-01-01T00:00:00.000Z"))).toMatchObject({ events: [], adjusted: [] });
  });

  test("says what was recorded of a command that turns out to be a repeat only by a conflict", async () => {
    await here([entry()]);
    const [there, context] = [processOf(), newContext()];
    await there([entry()]);
    const ahead = [entry({ readAt: "2026-01-01T00:10:00.000Z" })];
    const first = await there(ahead, context);
    expect(first.adjusted).toEqual([ahead[0]?.entryId]);
    const evening = { ...context, occurredAt: "2026-01-01T20:00:00.000Z" };
    expect(await here(ahead, evening)).toEqual(repeated(first));
  });

  test("says so of the oldest entry that is known, whatever the command adds", async () => {
    const at = (occurredAt: string) => ({ ...newContext(), occurredAt });
    const ahead = entry({ readAt: "2026-01-01T00:10:00.000Z" });
    const several = (count: number) => Array.from({ length: count }, () => entry());
    await here([ahead], at("2026-01-01T00:00:00.000Z"));
    await here(several(rememberedEntries - 1), at("2026-01-01T00:01:00.000Z"));
    const [context, entries] = [at("2026-01-01T20:00:00.000Z"), [ahead, ...several(99)]];
    const result = await here(entries, context);
    expect([result.events.length, result.adjusted]).toEqual([99, [ahead.entryId]]);
    expect(await here(entries, context)).toEqual(repeated(result));
  });

  test("reads nothing more for new entries", async () => {
    await here([entry()]);
    const reads = readsOf(stream);
    await here([entry({ readAt: "2027-01-01T00:00:00.000Z" }), entry()]);
    expect(readsOf(stream)).toBe(reads);
  });

  test("is refused for a book or a chapter that is not there, and writes nothing", async () => {
    await expect(here([entry(), entry({ bookId: west })])).rejects.toThrow(BookNotFound);
    await expect(here([entry(), entry({ chapterId: "chapter00009" })])).rejects.toThrow(ChapterNotFound);
    expect(written()).toEqual([]);
  });

  test("reads only the stream's last 500 events, and continues at its exact revision", async () => {
    const sent = Array.from({ length: 620 }, () => entry());
    for (let from = 0; from < sent.length; from += 100) await here(sent.slice(from, from + 100));
    const [reads, there] = [store.reads.length, processOf()];
    expect(await there(sent.slice(-rememberedEntries))).toMatchObject({ revision: 619n, events: [] });
    expect(await there([...sent.slice(-2), entry()])).toMatchObject({ revision: 620n, events: ["ReadingProgressed"] });
    // The window, and the entries that were known: at the end, and before the new one.
    expect(store.reads.slice(reads).filter((read) => read.stream === stream)).toEqual(
      [0n, 120n, 120n].map((fromRevision) => ({ stream, fromRevision })),
    );
  });

  test("gives a repeat of a whole command its first answer, also when a part of it is beyond the window", async () => {
    const context = newContext();
    const batch = Array.from({ length: 100 }, () => entry());
    const first = await here(batch, context);
    expect(await processOf()(batch, context)).toEqual(repeated(first));
    const others = Array.from({ length: 450 }, () => entry());
    for (let from = 0; from < others.length; from += 90) await here(others.slice(from, from + 90));
    expect(await here(batch, context)).toEqual(repeated(first));
    // Another process does not know the beginning of the command: it records the unknown part again.
    const again = await processOf()(batch, context);
    expect(again.events.length).toBeLessThan(batch.length);
    expect(new Set(written().map(({ entryId }) => entryId)).size).toBe(550);
  });

  test("that begins the window is known whole in another process, at any size of the stream", async () => {
    await here([entry()]);
    const context = newContext();
    const batch = Array.from({ length: 100 }, () => entry());
    const first = await here(batch, context);
    for (let from = 100; from < rememberedEntries; from += 100) await here(batch.map(() => entry()));
    expect(written()).toHaveLength(1 + rememberedEntries);
    expect(await processOf()(batch, context)).toEqual(repeated(first));
    const misused = { ...newContext("another body"), commandId: context.commandId };
    await expect(processOf()([entry()], misused)).rejects.toThrow(IdempotencyKeyReused);
  });

  test("goes on in a stream whose last 500 events others wrote without the id of a command", async () => {
    await here([entry()]);
    const [own] = store.eventsOf(stream);
    const { type, metadata } = own!;
    const { schemaVersion } = metadata;
    const foreign = Array.from({ length: 600 }, () => {
      return { id: randomUUID(), type, data: { ...entry(), chapterNo: 2 }, metadata: { schemaVersion } as never };
    });
    await store.append(stream, 0n, foreign);
    expect(await processOf()([entry()])).toMatchObject({ revision: 601n, events: ["ReadingProgressed"] });
  });

  test("catches up with another process that wrote more than the window holds", async () => {
    await here([entry()]);
    const there = processOf();
    const sent = Array.from({ length: 700 }, () => entry());
    for (let from = 0; from < sent.length; from += 100) await there(sent.slice(from, from + 100));
    expect(await here([entry(), ...sent.slice(-50)])).toMatchObject({ revision: 701n, events: ["ReadingProgressed"] });
  });
});

describe("the chapters of a book", () => {
  test("are read once, and once a minute for new editions", async () => {
    for (let count = 0; count < 5; count++) await here([entry()]);
    expect(readsOf(`book-${dream}`)).toBe(1);
    clock = 60_001;
    await here([entry(), entry()]);
    expect(readsOf(`book-${dream}`)).toBe(2);
  });

  test("that just came are found, and those that went are known by their last number", async () => {
    await here([entry()]);
    await publish(dream, chaptersPublished(2, [4]), published(2, 4, { changed: [{ from: 4, to: 4 }] }));
    await publish(dream, published(3, 1, { changed: [] }));
    await here([entry({ chapterId: "chapter00004" }), entry({ chapterId: "chapter00003" })]);
    expect(written().map(({ chapterNo }) => chapterNo)).toEqual([2, 4, 3]);
  });

  test("of an edition that is not complete are not there yet", async () => {
    await publish(dream, chaptersPublished(2, [4]));
    await expect(here([entry({ chapterId: "chapter00004" })])).rejects.toThrow(ChapterNotFound);
    await expect(here([entry({ chapterId: "chapter00004" })])).rejects.toThrow(ChapterNotFound);
    expect(readsOf(`book-${dream}`)).toBe(2);
  });
});
