import { expect, test } from "vitest";
import type { SubscriptionMessage } from "../../src/event-store/types.ts";
import { eventLines } from "../../src/replay/stream/eventLines.ts";
import { catalogued, logOf, progressed, readerIds } from "./log.ts";

const [reader] = readerIds as [string];
const { store, events } = logOf([
  [`progress-${reader}`, progressed({ bookId: "hongloumeng1", readAt: "2026-03-01T00:00:00.000Z" }), "2026-03-01"],
]);
const names = {
  of: async (ids: Iterable<string>) => new Map([...ids].map((id) => [id, { reader: "p", key: String }])),
};
const asked = { after: undefined, filters: { types: [], books: [], readers: [] }, follow: true, heartbeatMs: 60_000 };

/** A log without an end, and how many messages were taken from it. */
function endless() {
  const taken = { messages: 0, ended: false };
  const subscribe = async function* ({ signal }: { signal: AbortSignal }): AsyncGenerator<SubscriptionMessage> {
    try {
      while (!signal.aborted) {
        taken.messages++;
        yield { kind: "event", event: events[0]! };
      }
    } finally {
      taken.ended = true;
    }
  };
  return { taken, eventStore: { ...store, subscribe } };
}

test("who stops taking lines takes nothing more from the log, and leaving ends the subscription", async () => {
  const { taken, eventStore } = endless();
  const lines = eventLines({ eventStore, names, isErased: () => false }, asked, new AbortController().signal);
  for (let line = 0; line < 3; line++) expect((await lines.next()).value).toContain('"reader":"p"');
  // Nothing is read before it is requested, whatever else runs.
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(taken.messages).toBeLessThanOrEqual(4);
  await lines.return(undefined);
  await expect.poll(() => taken.messages).toBeLessThanOrEqual(4);
});

test("an abort ends the lines, also while the log is silent", async () => {
  const leaving = new AbortController();
  const silent = {
    ...store,
    async *subscribe({ signal }: { signal: AbortSignal }): AsyncGenerator<SubscriptionMessage> {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
  const beats = { ...asked, heartbeatMs: 5 };
  const lines = eventLines({ eventStore: silent, names, isErased: () => false }, beats, leaving.signal);
  expect((await lines.next()).value).toBe("\n");
  leaving.abort();
  expect((await lines.next()).done).toBe(true);
});

test("an abort ends them before they begin, while the books are read", async () => {
  const { store, reads } = logOf([1, 2, 3, 4, 5].map((n) => [`book-b${n}`, catalogued(`b${n}`, `${n}`), "2026-03-01"]));
  const leaving = new AbortController();
  const leavingEarly: typeof store = {
    ...store,
    async *readAll(options) {
      for await (const event of store.readAll(options)) {
        leaving.abort();
        yield event;
      }
    },
  };
  const eventStore = { ...endless().eventStore, ...leavingEarly };
  const lines = eventLines({ eventStore, names, isErased: () => false }, { ...asked, after: 500n }, leaving.signal);
  expect((await lines.next()).done).toBe(true);
  expect(reads()).toBe(1);
});

test("a search without a login is nobody's: no pseudonym is made for its stream", async () => {
  const searched = { type: "KeywordSearched", data: { keyword: "红楼", visitor: "a".repeat(22) } } as never;
  const { store, events } = logOf([["search-anonymous-2026-03-01", searched, "2026-03-01"]]);
  const asks: string[] = [];
  const noting = {
    of(ids: Iterable<string>) {
      asks.push(...ids);
      return names.of(ids);
    },
  };
  const eventStore = {
    ...store,
    async *subscribe(): AsyncGenerator<SubscriptionMessage> {
      for (const event of events) yield { kind: "event", event };
    },
  };
  const deps = { eventStore, names: noting, isErased: () => false };
  let text = "";
  for await (const lines of eventLines(deps, asked, new AbortController().signal)) text += lines;
  expect(JSON.parse(text)).toMatchObject({ type: "KeywordSearched", keyword: "红楼" });
  expect(JSON.parse(text)).not.toMatchObject({ reader: "p" });
  expect(asks).toEqual([]);
});

/** A log whose subscription passes some events of another book, each after a moment, and then one of the book that is asked for. */
function slowLog(passed: number) {
  const [other, wanted] = ["hongloumeng0", "shuihuzhuan0"];
  const reading = (bookId: string) => progressed({ bookId, readAt: "2026-03-01T00:00:00.000Z" });
  const { store, events } = logOf(
    Array.from({ length: passed + 1 }, (_, n) => [
      `progress-${reader}`,
      reading(n === passed ? wanted : other) as never,
      "2026-03-01",
    ]),
  );
  const pass = { each: async (_: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 2)) };
  const eventStore = {
    ...store,
    async *subscribe({ after = 0n, signal }: { after: bigint | undefined; signal: AbortSignal }) {
      for (const [index, event] of events.entries()) {
        if (event.position <= after) continue;
        await pass.each(index);
        if (signal.aborted) return;
        yield { kind: "event", event } as SubscriptionMessage;
      }
      yield { kind: "caughtUp" } as SubscriptionMessage;
    },
  };
  const ask = { ...asked, filters: { ...asked.filters, books: [wanted] }, follow: false };
  return { eventStore, pass, ask, wanted };
}

const textOf = async (lines: AsyncIterable<string>) => {
  let text = "";
  for await (const more of lines) text += more;
  return text;
};

test("an empty line comes by the clock, also while events that nobody wants are passed, and while the start is looked for", async () => {
  const { eventStore, ask, wanted } = slowLog(60);
  const deps = { eventStore, names, isErased: () => false };
  const after = async () => {
    await new Promise((resolve) => setTimeout(resolve, 40));
    return undefined;
  };
  const lines = eventLines(deps, { ...ask, after, heartbeatMs: 10 }, new AbortController().signal);
  expect((await lines.next()).value).toBe("\n");
  const text = await textOf(lines);
  expect(text.match(/^\n+/)?.[0].length).toBeGreaterThan(3);
  expect(JSON.parse(text)).toMatchObject({ book_id: wanted, position: 6_100 });
});

test("one that is cut off ends with the position that it reached, from which it goes on; a whole one does not", async () => {
  const { eventStore, pass, ask, wanted } = slowLog(40);
  const deps = { eventStore, names, isErased: () => false };
  const cutAt = (index: number) => {
    const stop = new AbortController();
    pass.each = async (n) => n === index && stop.abort();
    return stop.signal;
  };
  expect(await textOf(eventLines(deps, ask, cutAt(25)))).toBe('{"position":2500}\n');
  expect(await textOf(eventLines(deps, { ...ask, after: 2_500n }, cutAt(25)))).toBe('{"position":2500}\n');
  expect(await textOf(eventLines(deps, ask, cutAt(0)))).toBe('{"position":0}\n');
  const rest = await textOf(eventLines(deps, { ...ask, after: 2_500n }, cutAt(1_000)));
  expect(JSON.parse(rest)).toMatchObject({ type: "ReadingProgressed", book_id: wanted });
  const following = eventLines(deps, { ...ask, follow: true }, cutAt(25));
  expect(await textOf(following)).toBe('{"position":2500}\n');
});

test("one that is cut off before its start, or the erased readers, are known ends in order, and at once", async () => {
  const { eventStore, ask } = slowLog(1);
  const deps = { eventStore, names, isErased: () => false };
  const never = () => new Promise<undefined>(() => {});
  const rejecting = (signal: AbortSignal) =>
    new Promise<undefined>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const cut = (more: object, asks: object) =>
    textOf(eventLines({ ...deps, ...more }, { ...ask, ...asks }, AbortSignal.timeout(20)));
  for (const after of [rejecting, never]) {
    expect(await cut({}, { after })).toBe('{"position":null}\n');
    expect(await cut({}, { after, follow: true })).toBe("");
  }
  expect(await cut({ knowsErased: never }, { after: 100n })).toBe('{"position":100}\n');
  expect(await cut({ knowsErased: never }, { after: rejecting })).toBe('{"position":null}\n');
  expect(await cut({ knowsErased: never }, { after: undefined })).toBe('{"position":0}\n');
});

test("a start that cannot be found rejects", async () => {
  const { eventStore, ask } = slowLog(1);
  const after = async () => {
    throw new Error("no event begins there");
  };
  const lines = eventLines(
    { eventStore, names, isErased: () => false },
    { ...ask, after },
    new AbortController().signal,
  );
  await expect(textOf(lines)).rejects.toThrow("no event begins there");
});
