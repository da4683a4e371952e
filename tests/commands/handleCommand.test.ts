import { EventEmitter, once } from "node:events";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { commandHash } from "../../src/commands/commandHash.ts";
import { CommandRefused, StreamBusy } from "../../src/commands/errors.ts";
import type { HandleCommand } from "../../src/commands/types.ts";
import { decodeConsistencyTokens } from "../../src/domain/consistencyToken.ts";
import { historyStream } from "../../src/domain/history/stream.ts";
import type { ShelfCommand } from "../../src/domain/shelf/decider.ts";
import { shelfStream } from "../../src/domain/shelf/stream.ts";
import { InvalidEvent } from "../../src/event-store/codec.ts";
import { EventStoreUnavailable } from "../../src/event-store/errors.ts";
import {
  add,
  anyOutcome,
  dream,
  kingdoms,
  newContext,
  newProcess,
  reader,
  remove,
  repeated,
  send,
  sendMove,
  shelf,
  west,
} from "./fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "./inMemoryEventStore.ts";

let store: InMemoryEventStore;
beforeEach(() => {
  store = inMemoryEventStore();
});

const written = () => store.log.map(({ type, data }) => [type, (data as { bookId: string }).bookId]);

describe("a command", () => {
  test("appends the decided events with their metadata, and returns their position", async () => {
    const { sent, ...who } = { ...newContext(), deviceId: "phone", traceparent: "00-1-2-01" };
    const context = { ...who, sent };
    const hash = commandHash(shelf, "AddBookToShelf", sent);
    const result = await send(newProcess(store), add(dream), context);
    expect(result).toMatchObject({ outcome: "appended", revision: 0n, position: 0n, events: ["BookAddedToShelf"] });
    expect(store.log).toMatchObject([
      {
        type: "BookAddedToShelf",
        stream: shelf,
        data: { bookId: dream },
        metadata: { ...who, commandHash: hash, causationId: context.commandId, schemaVersion: 1 },
      },
    ]);
  });

  test("answers a token for the reader's and the book's partitions", async () => {
    const { consistencyToken, position } = await send(newProcess(store), add(dream));
    expect(decodeConsistencyTokens(consistencyToken!)).toEqual([
      { position, category: "shelf", reader, books: [dream] },
    ]);
  });

  test("on a cached stream is one append and no read", async () => {
    const process = newProcess(store);
    await send(process, add(dream));
    store.reads.length = 0;
    await send(process, add(west));
    await send(process, remove(dream));
    expect(store.reads).toEqual([]);
    expect(store.appends.map(({ expected }) => expected)).toEqual(["no_stream", 0n, 1n]);
  });

  test("keeps nothing of a stream that does not fit the cache", async () => {
    const process = newProcess(store, { cacheBytes: 1 });
    await send(process, add(dream));
    await send(process, add(west));
    expect(store.reads.map(({ fromRevision }) => fromRevision)).toEqual([0n, 0n]);
    expect(written()).toEqual([
      ["BookAddedToShelf", dream],
      ["BookAddedToShelf", west],
    ]);
  });

  test("waits for the earlier ones of its stream in the same process", async () => {
    store.latencyMs = 3;
    const process = newProcess(store);
    const commands = [add(dream), add(west), remove(dream), add(kingdoms), remove(west), add(dream)];
    const results = await Promise.all(commands.map((command) => send(process, command)));
    expect(results.map(({ revision }) => revision)).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
    expect(store.appends).toHaveLength(6);
  });

  test("is carried out though the one before it failed", async () => {
    const process = newProcess(store);
    const [first, second] = await Promise.allSettled([send(process, add(dream, 0)), send(process, add(west))]);
    expect(first).toMatchObject({ status: "rejected", reason: expect.any(CommandRefused) });
    expect(second).toMatchObject({ status: "fulfilled", value: { revision: 0n } });
  });
});

describe("a command that changes nothing", () => {
  test("answers the stream's last event, and appends no event", async () => {
    const process = newProcess(store);
    await send(process, add(dream));
    const last = await send(process, add(west));
    const result = await send(process, add(dream));
    expect(result).toEqual({ ...last, outcome: "unchanged", events: [] });
    expect(store.log).toHaveLength(2);
    expect(store.appends.at(-1)).toEqual({ stream: shelf, expected: 1n, events: [] });
  });

  test("answers nulls when the stream has no events", async () => {
    const nothing = { outcome: "unchanged", revision: null, position: null, events: [], consistencyToken: null };
    expect(await send(newProcess(store), remove(dream))).toEqual(nothing);
  });

  test("looks for what other processes wrote before it says so", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    await send(there, remove(dream));
    expect(await send(here, add(dream))).toMatchObject({ revision: 2n, events: ["BookAddedToShelf"] });
    expect(store.reads.at(-1)).toEqual({ stream: shelf, fromRevision: 1n });
  });
});

describe("commands that change nothing", () => {
  test("share one look at the stream's end, if they came before it began", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    for (const book of [dream, west]) await send(here, add(book));
    await send(there, add(kingdoms));
    store.reads.length = 0;
    store.appends.length = 0;
    const first = send(here, add(dream));
    const waiting = [add(dream), add(west), remove("unknown00000"), add(kingdoms)].map((command) =>
      send(here, command),
    );
    const results = await Promise.all([first, ...waiting]);
    expect(results.map(({ revision, events }) => [revision, events])).toEqual(Array(5).fill([2n, []]));
    // The first began before the others arrived; one that began after them serves all of them.
    expect(store.appends).toEqual([
      { stream: shelf, expected: 1n, events: [] },
      { stream: shelf, expected: 2n, events: [] },
    ]);
    // It reads only where another process wrote.
    expect(store.reads).toEqual([{ stream: shelf, fromRevision: 2n }]);
    expect(store.log).toHaveLength(3);
  });

  test("never answer from a look that began before they came", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    const gate = new EventEmitter();
    let looks = 0;
    const slow = newProcess({
      readStream: store.readStream,
      async append(stream, expected, events) {
        const appended = await store.append(stream, expected, events);
        if (events.length === 0 && looks++ === 1) await once(gate, "open");
        return appended;
      },
    });
    await send(slow, add(dream));
    await send(slow, add(dream));
    const early = send(slow, add(dream));
    await vi.waitFor(() => expect(looks).toBe(2));
    await send(there, remove(dream));
    const late = send(slow, add(dream));
    gate.emit("open");
    expect(await early).toMatchObject({ revision: 0n, events: [] });
    expect(await late).toMatchObject({ revision: 2n, events: ["BookAddedToShelf"] });
  });

  test("read the stream's end when there is no answer", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    await send(there, add(west));
    store.faults.push("lost");
    expect(await send(here, add(dream))).toMatchObject({ revision: 1n, events: [] });
    store.faults.push("unanswered");
    expect(await send(here, add(west))).toMatchObject({ revision: 1n, events: [] });
    expect(store.log).toHaveLength(2);
  });

  test("of a stream without events read it: it has no revision to ask for", async () => {
    const process = newProcess(store);
    for (let times = 0; times < 2; times++) await send(process, remove(dream));
    expect(store.appends).toEqual([]);
    expect(store.reads).toHaveLength(2);
  });
});

describe("the precondition of a command", () => {
  const missing = () => Promise.reject(new Error("missing"));
  const precondition = vi.fn(missing);
  const sendConditional = (process: HandleCommand, command: ShelfCommand) =>
    process(shelfStream, reader, command, newContext(), { precondition });
  beforeEach(() => {
    precondition.mockClear();
  });

  test("is checked when it would change something or be refused, and comes before a refusal", async () => {
    const process = newProcess(store);
    await expect(sendConditional(process, add(dream))).rejects.toThrow("missing");
    await expect(sendConditional(process, add(dream, 0))).rejects.toThrow("missing");
    expect(precondition).toHaveBeenCalledTimes(2);
    expect(store.log).toEqual([]);
  });

  test("is not checked for what changes nothing, nor for a repeat", async () => {
    const process = newProcess(store);
    const context = newContext();
    const first = await send(process, add(dream), context);
    expect(await sendConditional(process, add(dream))).toMatchObject({ events: [] });
    expect(await process(shelfStream, reader, add(dream), context, { precondition })).toEqual(repeated(first));
    expect(precondition).not.toHaveBeenCalled();
  });

  test("keeps its command's place among those of the stream", async () => {
    const process = newProcess(store);
    const [added, removed] = await Promise.all([
      process(shelfStream, reader, add(dream), newContext(), {
        precondition: () => new Promise((done) => setImmediate(done)),
      }),
      send(process, remove(dream)),
    ]);
    expect([added.events, removed.events]).toEqual([["BookAddedToShelf"], ["BookRemovedFromShelf"]]);
  });
});

describe("a refusal", () => {
  test("carries its code and writes nothing", async () => {
    const process = newProcess(store);
    await send(process, add(dream, 1));
    await expect(send(process, add(west, 1))).rejects.toMatchObject({ name: "CommandRefused", code: "shelf_full" });
    expect(written()).toEqual([["BookAddedToShelf", dream]]);
  });

  test("is taken back when another process has made room", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream, 1));
    await send(there, remove(dream));
    expect(await send(here, add(west, 1))).toMatchObject({ revision: 2n, events: ["BookAddedToShelf"] });
  });

  test("leaves the stream cached", async () => {
    const process = newProcess(store);
    await expect(send(process, add(west, 0))).rejects.toThrow(CommandRefused);
    await send(process, add(west));
    expect(store.reads).toHaveLength(1);
  });
});

describe("a conflict", () => {
  test("that another process appended at another time is answered, and kept, as it is stored", async () => {
    const [one, other] = [newProcess(store), newProcess(store)];
    const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`;
    const open = (process: HandleCommand, bookId: string, minute: number, context = newContext()) =>
      process(historyStream, reader, { type: "OpenBook", bookId, at: at(minute), isPast: undefined }, context);
    await open(other, dream, 0);
    const context = newContext();
    const first = await open(one, west, 1, context);
    // The other process's copy of the stream ends before that.
    expect(await open(other, west, 2, context)).toEqual(repeated(first));
    await other(historyStream, reader, { type: "ClearHistory", at: at(3) }, newContext());
    expect(store.log.at(-1)).toMatchObject({
      type: "BrowseHistoryCleared",
      data: { books: [{ openedAt: at(0) }, { openedAt: at(1) }] },
    });
  });

  test("is decided anew on what the other process wrote", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    await send(there, add(west));
    expect(await send(here, add(kingdoms))).toMatchObject({ revision: 2n, events: ["BookAddedToShelf"] });
    expect(store.appends.map(({ expected }) => expected)).toEqual(["no_stream", 0n, 0n, 1n]);
  });

  test("ends in nothing to do when the other process did the same", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    await send(there, add(west));
    store.reads.length = 0;
    expect(await send(here, add(west))).toMatchObject({ revision: 1n, events: [] });
    expect(store.log).toHaveLength(2);
    expect(store.reads).toEqual([{ stream: shelf, fromRevision: 1n }]);
  });

  test("ends in a refusal when the other process took the last place", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream, 2));
    await send(there, add(west, 2));
    await expect(send(here, add(kingdoms, 2))).rejects.toMatchObject({ code: "shelf_full" });
  });

  test("waits until the tail that it named can be read", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    store.tailDelayMs = 60;
    await send(there, remove(dream));
    store.reads.length = 0;
    expect(await send(here, add(west))).toMatchObject({ revision: 2n });
    expect(store.reads.length).toBeGreaterThan(1);
    expect(store.appends).toHaveLength(4);
  });

  test("gives up on a tail that cannot be read in time", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    store.tailDelayMs = 60_000;
    await send(there, remove(dream));
    await expect(send(here, add(west))).rejects.toThrow(StreamBusy);
  });

  test.each([[10], [11]])("is borne ten times and no more: %i conflicts", async (conflicts) => {
    const there = newProcess(store);
    let left = conflicts;
    const append: typeof store.append = async (stream, expected, events) => {
      if (left-- > 0) await send(there, left % 2 === 0 ? add(dream) : remove(dream));
      return store.append(stream, expected, events);
    };
    await send(there, add(west));
    if (conflicts % 2 === 0) await send(there, add(dream));
    const sent = send(newProcess({ append, readStream: store.readStream }), add(kingdoms));
    if (conflicts === 10) await expect(sent).resolves.toMatchObject({ revision: 12n, events: ["BookAddedToShelf"] });
    else await expect(sent).rejects.toThrow(StreamBusy);
    expect(written().filter(([, book]) => book === kingdoms)).toHaveLength(conflicts === 10 ? 1 : 0);
    expect(store.log).toHaveLength(conflicts === 10 ? 13 : 12);
  });

  test("with a log that was replaced by a shorter one folds the stream anew", async () => {
    const process = newProcess(store);
    for (const book of [dream, west, kingdoms]) await send(process, add(book));
    store.log.splice(1);
    expect(await send(process, remove(dream))).toMatchObject({ revision: 1n, events: ["BookRemovedFromShelf"] });
    expect(await send(process, add(west))).toMatchObject({ revision: 2n, events: ["BookAddedToShelf"] });
  });
});

describe("a stream with events of others", () => {
  const foreign = (metadata: object, data: unknown = { bookId: dream }) =>
    store.append(shelf, "no_stream", [{ id: "f", type: "BookAddedToShelf", data, metadata: metadata as never }]);

  test("is folded when they name their version", async () => {
    await foreign({ schemaVersion: 1 });
    expect(await send(newProcess(store), add(dream))).toMatchObject({ revision: 0n, events: [] });
  });

  test("is refused, by name, when they do not", async () => {
    await foreign({});
    await expect(send(newProcess(store), add(west))).rejects.toThrow(InvalidEvent);
    await expect(send(newProcess(store), add(west))).rejects.toThrow(/BookAddedToShelf at 0@shelf-/);
    expect(store.log).toHaveLength(1);
  });
});

describe("a read that breaks off", () => {
  /** Reads of the store that break after the first event while `broken`. */
  const breaking = { broken: true };
  const readStream: InMemoryEventStore["readStream"] = async function* (stream, range) {
    for await (const event of store.readStream(stream, range)) {
      yield event;
      if (breaking.broken) throw new EventStoreUnavailable("gone");
    }
  };
  beforeEach(() => {
    breaking.broken = true;
  });

  test("fails the command and leaves no half folded stream", async () => {
    await send(newProcess(store), add(dream));
    await send(newProcess(store), add(west));
    const process = newProcess({ append: store.append, readStream });
    await expect(send(process, remove(dream))).rejects.toThrow(EventStoreUnavailable);
    breaking.broken = false;
    expect(await send(process, remove(dream))).toMatchObject({ revision: 2n, events: ["BookRemovedFromShelf"] });
  });

  test("in the middle of another process's command leaves no half of it among the known ones", async () => {
    const here = newProcess({ append: store.append, readStream });
    breaking.broken = false;
    await send(here, add(dream));
    const context = newContext();
    const first = await sendMove(newProcess(store), context);
    breaking.broken = true;
    await expect(send(here, add(kingdoms))).rejects.toThrow(EventStoreUnavailable);
    breaking.broken = false;
    expect(anyOutcome(await sendMove(here, context))).toEqual(anyOutcome(first));
  });
});
